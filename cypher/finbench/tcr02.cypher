// title: FinBench complex read 2: loans upstream of a person
// answers: Which accounts with loans, up to three transfers of rising time upstream, feed this
//   person's accounts?
// access: read
// param id: integer, required · person_id of the owner
// param startTime: time, required · the window opens after this moment
// param endTime: time, required · the window closes before this moment
// param truncationLimit: integer, required · edges kept at each step, at most
// param truncationOrder: text, required · TIMESTAMP_ASCENDING keeps the oldest,
//   TIMESTAMP_DESCENDING the newest; there is no answer to another word
// column otherId: integer · account_id of the account that a loan was paid into
// column sumLoanAmount: number · of its distinct loans, rounded to 3 places
// column sumLoanBalance: number · of its distinct loans, rounded to 3 places

// Upstream, only the latest departure from an account matters: what comes before an earlier one
// comes before the latest too.
MATCH (:Person {person_id: $id})-[:OWN]->(a:Account)
WHERE $truncationOrder IN ['TIMESTAMP_ASCENDING', 'TIMESTAMP_DESCENDING']
WITH collect(DISTINCT a) AS accounts
WITH [a IN accounts | {owned: a, account: a, at_us: $endTime}] AS hop0
CALL (hop0) {
  UNWIND hop0 AS one
  WITH one.owned AS owned, one.account AS a, one.at_us AS until_us
  CALL (a) {
    MATCH (a)<-[r:TRANSFER]-(b:Account)
    WHERE $startTime < r.at_us AND r.at_us < $endTime
    RETURN b, r.at_us AS at_us
    ORDER BY CASE $truncationOrder WHEN 'TIMESTAMP_ASCENDING' THEN r.at_us ELSE -r.at_us END,
             b.account_id, r.amount
    LIMIT $truncationLimit
  }
  WITH owned, b, at_us, until_us
  WHERE at_us < until_us
  WITH owned, b, max(at_us) AS at_us
  RETURN collect({owned: owned, account: b, at_us: at_us}) AS hop1
}
CALL (hop1) {
  UNWIND hop1 AS one
  WITH one.owned AS owned, one.account AS a, one.at_us AS until_us
  CALL (a) {
    MATCH (a)<-[r:TRANSFER]-(b:Account)
    WHERE $startTime < r.at_us AND r.at_us < $endTime
    RETURN b, r.at_us AS at_us
    ORDER BY CASE $truncationOrder WHEN 'TIMESTAMP_ASCENDING' THEN r.at_us ELSE -r.at_us END,
             b.account_id, r.amount
    LIMIT $truncationLimit
  }
  WITH owned, b, at_us, until_us
  WHERE at_us < until_us
  WITH owned, b, max(at_us) AS at_us
  RETURN collect({owned: owned, account: b, at_us: at_us}) AS hop2
}
CALL (hop2) {
  UNWIND hop2 AS one
  WITH one.owned AS owned, one.account AS a, one.at_us AS until_us
  CALL (a) {
    MATCH (a)<-[r:TRANSFER]-(b:Account)
    WHERE $startTime < r.at_us AND r.at_us < $endTime
    RETURN b, r.at_us AS at_us
    ORDER BY CASE $truncationOrder WHEN 'TIMESTAMP_ASCENDING' THEN r.at_us ELSE -r.at_us END,
             b.account_id, r.amount
    LIMIT $truncationLimit
  }
  WITH owned, b, at_us, until_us
  WHERE at_us < until_us
  WITH owned, b, max(at_us) AS at_us
  RETURN collect({owned: owned, account: b, at_us: at_us}) AS hop3
}
UNWIND hop1 + hop2 + hop3 AS one
WITH one.owned AS owned, one.account AS other
WHERE other <> owned
WITH DISTINCT other
MATCH (other)<-[d:DEPOSIT]-(loan:Loan)
WHERE $startTime < d.at_us AND d.at_us < $endTime
WITH DISTINCT other, loan
RETURN other.account_id AS otherId, round(sum(loan.loan_amount), 3) AS sumLoanAmount,
       round(sum(loan.balance), 3) AS sumLoanBalance
ORDER BY sumLoanAmount DESC, otherId
