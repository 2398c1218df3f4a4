// title: FinBench complex read 8: where the money of a loan went
// answers: Which accounts did a loan's money reach in up to three transfers or withdrawals, and
//   how much of it?
// access: read
// param id: integer, required · loan_id of the loan
// param threshold: number, required · an amount must be larger than this times all transfers into
//   the account that it leaves
// param startTime: time, required · the window opens after this moment
// param endTime: time, required · the window closes before this moment
// param truncationLimit: integer, required · edges kept at each step, at most
// param truncationOrder: text, required · TIMESTAMP_ASCENDING keeps the oldest,
//   TIMESTAMP_DESCENDING the newest; there is no answer to another word
// column dstId: integer · account_id of an account that the money reached
// column ratio: number · traced amounts into it over the amount of the loan, rounded to 3 places
// column minDistanceFromLoan: integer · steps from the loan; the deposit is the first
MATCH (loan:Loan {loan_id: $id})-[d:DEPOSIT]->(first:Account)
WHERE $startTime < d.at_us AND d.at_us < $endTime
  AND $truncationOrder IN ['TIMESTAMP_ASCENDING', 'TIMESTAMP_DESCENDING']
WITH loan, collect(DISTINCT first) AS reached1
CALL (reached1) {
  UNWIND reached1 AS a
  CALL (a) {
    MATCH (a)<-[i:TRANSFER]-(:Account)
    WHERE $startTime < i.at_us AND i.at_us < $endTime
    RETURN sum(i.amount) AS upstream_amount
  }
  CALL (a) {
    MATCH (a)-[r:TRANSFER|WITHDRAW]->(b:Account)
    WHERE $startTime < r.at_us AND r.at_us < $endTime
    RETURN r, b
    ORDER BY CASE $truncationOrder WHEN 'TIMESTAMP_ASCENDING' THEN r.at_us ELSE -r.at_us END,
             b.account_id, r.amount
    LIMIT $truncationLimit
  }
  WITH r, b, upstream_amount
  WHERE r.amount > $threshold * upstream_amount
  RETURN collect({edge: r, target: b, distance: 2}) AS edges2, collect(DISTINCT b) AS reached2
}
CALL (reached2) {
  UNWIND reached2 AS a
  CALL (a) {
    MATCH (a)<-[i:TRANSFER]-(:Account)
    WHERE $startTime < i.at_us AND i.at_us < $endTime
    RETURN sum(i.amount) AS upstream_amount
  }
  CALL (a) {
    MATCH (a)-[r:TRANSFER|WITHDRAW]->(b:Account)
    WHERE $startTime < r.at_us AND r.at_us < $endTime
    RETURN r, b
    ORDER BY CASE $truncationOrder WHEN 'TIMESTAMP_ASCENDING' THEN r.at_us ELSE -r.at_us END,
             b.account_id, r.amount
    LIMIT $truncationLimit
  }
  WITH r, b, upstream_amount
  WHERE r.amount > $threshold * upstream_amount
  RETURN collect({edge: r, target: b, distance: 3}) AS edges3, collect(DISTINCT b) AS reached3
}
CALL (reached3) {
  UNWIND reached3 AS a
  CALL (a) {
    MATCH (a)<-[i:TRANSFER]-(:Account)
    WHERE $startTime < i.at_us AND i.at_us < $endTime
    RETURN sum(i.amount) AS upstream_amount
  }
  CALL (a) {
    MATCH (a)-[r:TRANSFER|WITHDRAW]->(b:Account)
    WHERE $startTime < r.at_us AND r.at_us < $endTime
    RETURN r, b
    ORDER BY CASE $truncationOrder WHEN 'TIMESTAMP_ASCENDING' THEN r.at_us ELSE -r.at_us END,
             b.account_id, r.amount
    LIMIT $truncationLimit
  }
  WITH r, b, upstream_amount
  WHERE r.amount > $threshold * upstream_amount
  RETURN collect({edge: r, target: b, distance: 4}) AS edges4, collect(DISTINCT b) AS reached4
}
UNWIND edges2 + edges3 + edges4 AS one
// An edge that was met at several distances brings its amount once.
WITH loan, one.edge AS r, one.target AS dst, min(one.distance) AS distance
WITH loan, dst, sum(r.amount) AS inflow, min(distance) AS distance
RETURN dst.account_id AS dstId, round(inflow / loan.loan_amount, 3) AS ratio,
       distance AS minDistanceFromLoan
ORDER BY minDistanceFromLoan DESC, ratio DESC, dstId
