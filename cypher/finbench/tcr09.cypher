// title: FinBench complex read 9: laundering with a loan involved
// answers: How do deposits of loans, repayments, transfers in and transfers out of an account
//   compare?
// access: read
// param id: integer, required · account_id of the account
// param threshold: number, required · an amount must be larger
// param startTime: time, required · the window opens after this moment
// param endTime: time, required · the window closes before this moment
// param truncationLimit: integer, required · edges kept at each step, at most
// param truncationOrder: text, required · TIMESTAMP_ASCENDING keeps the oldest,
//   TIMESTAMP_DESCENDING the newest; there is no answer to another word
// column ratioRepay: number · deposits over repayments, rounded to 3 places; -1 without a
//   repayment
// column ratioDeposit: number · deposits over transfers out, rounded to 3 places; -1 without one
// column ratioTransfer: number · transfers in over transfers out, rounded to 3 places; -1 without
//   one
MATCH (mid:Account {account_id: $id})
WHERE $truncationOrder IN ['TIMESTAMP_ASCENDING', 'TIMESTAMP_DESCENDING']
CALL (mid) {
  MATCH (mid)<-[r:DEPOSIT]-(:Loan)
  WHERE $startTime < r.at_us AND r.at_us < $endTime AND r.amount > $threshold
  RETURN sum(r.amount) AS sum1
}
CALL (mid) {
  MATCH (mid)-[r:REPAY]->(:Loan)
  WHERE $startTime < r.at_us AND r.at_us < $endTime AND r.amount > $threshold
  RETURN sum(r.amount) AS sum2
}
CALL (mid) {
  MATCH (mid)<-[r:TRANSFER]-(up:Account)
  WHERE $startTime < r.at_us AND r.at_us < $endTime AND r.amount > $threshold
  WITH up, r
  ORDER BY CASE $truncationOrder WHEN 'TIMESTAMP_ASCENDING' THEN r.at_us ELSE -r.at_us END,
           up.account_id, r.amount
  LIMIT $truncationLimit
  RETURN sum(r.amount) AS sum3
}
CALL (mid) {
  MATCH (mid)-[r:TRANSFER]->(down:Account)
  WHERE $startTime < r.at_us AND r.at_us < $endTime AND r.amount > $threshold
  WITH down, r
  ORDER BY CASE $truncationOrder WHEN 'TIMESTAMP_ASCENDING' THEN r.at_us ELSE -r.at_us END,
           down.account_id, r.amount
  LIMIT $truncationLimit
  RETURN sum(r.amount) AS sum4
}
RETURN CASE WHEN sum2 = 0 THEN -1.0 ELSE round(sum1 / toFloat(sum2), 3) END AS ratioRepay,
       CASE WHEN sum4 = 0 THEN -1.0 ELSE round(sum1 / toFloat(sum4), 3) END AS ratioDeposit,
       CASE WHEN sum4 = 0 THEN -1.0 ELSE round(sum3 / toFloat(sum4), 3) END AS ratioTransfer
