// title: FinBench complex read 6: withdrawal after many transfers in
// answers: Which accounts gathered more than three large transfers and paid out to this card?
// access: read
// param id: integer, required · account_id of the card
// param threshold1: number, required · a transfer in must be larger
// param threshold2: number, required · a withdrawal must be larger
// param startTime: time, required · the window opens after this moment
// param endTime: time, required · the window closes before this moment
// param truncationLimit: integer, required · edges kept at each step, at most
// param truncationOrder: text, required · TIMESTAMP_ASCENDING keeps the oldest,
//   TIMESTAMP_DESCENDING the newest; there is no answer to another word
// column midId: integer · account_id of the gathering account
// column sumEdge1Amount: number · its large transfers in, rounded to 3 places
// column sumEdge2Amount: number · its large withdrawals to the card, rounded to 3 places
MATCH (card:Account {account_id: $id})
WHERE $truncationOrder IN ['TIMESTAMP_ASCENDING', 'TIMESTAMP_DESCENDING']
CALL (card) {
  MATCH (card)<-[r:WITHDRAW]-(mid:Account)
  WHERE $startTime < r.at_us AND r.at_us < $endTime AND r.amount > $threshold2
  RETURN mid, r.amount AS amount2
  ORDER BY CASE $truncationOrder WHEN 'TIMESTAMP_ASCENDING' THEN r.at_us ELSE -r.at_us END,
           mid.account_id, r.amount
  LIMIT $truncationLimit
}
WITH mid, sum(amount2) AS sum2
CALL (mid) {
  MATCH (mid)<-[r:TRANSFER]-(src:Account)
  WHERE $startTime < r.at_us AND r.at_us < $endTime AND r.amount > $threshold1 AND src <> mid
  RETURN r.amount AS amount1
  ORDER BY CASE $truncationOrder WHEN 'TIMESTAMP_ASCENDING' THEN r.at_us ELSE -r.at_us END,
           src.account_id, r.amount
  LIMIT $truncationLimit
}
WITH mid, sum2, count(amount1) AS n1, sum(amount1) AS sum1
WHERE n1 > 3
RETURN mid.account_id AS midId, round(sum1, 3) AS sumEdge1Amount, round(sum2, 3) AS sumEdge2Amount
ORDER BY sumEdge2Amount DESC, midId
