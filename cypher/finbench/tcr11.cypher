// title: FinBench complex read 11: guarantee chain
// answers: What loans did the persons along a chain of guarantees apply for?
// access: read
// param id: integer, required · person_id of who guarantees first
// param startTime: time, required · the window opens after this moment
// param endTime: time, required · the window closes before this moment
// param truncationLimit: integer, required · edges kept at each step, at most
// param truncationOrder: text, required · TIMESTAMP_ASCENDING keeps the oldest,
//   TIMESTAMP_DESCENDING the newest; there is no answer to another word
// column sumLoanAmount: number · of the distinct loans, rounded to 3 places
// column numLoans: integer · distinct loans

// Which guarantees are kept depends on their giver alone; the chain is followed over those kept,
// by as many rounds as there are of them at most.
MATCH (start:Person {person_id: $id})
WHERE $truncationOrder IN ['TIMESTAMP_ASCENDING', 'TIMESTAMP_DESCENDING']
CALL (start) {
  MATCH (start)-[:GUARANTEE*0..]->(p:Person)
  WITH DISTINCT p
  CALL (p) {
    MATCH (p)-[r:GUARANTEE]->(q:Person)
    WHERE $startTime < r.at_us AND r.at_us < $endTime
    RETURN q
    ORDER BY CASE $truncationOrder WHEN 'TIMESTAMP_ASCENDING' THEN r.at_us ELSE -r.at_us END,
             q.person_id
    LIMIT $truncationLimit
  }
  WITH DISTINCT p, q
  RETURN collect([p.person_id, q.person_id]) AS kept
}
WITH reduce(chain = [], n IN range(1, size(kept)) |
       chain + [g IN kept WHERE (g[0] = $id OR g[0] IN chain) AND NOT g[1] IN chain | g[1]]
     ) AS chain
CALL (chain) {
  MATCH (p:Person)-[:APPLY]->(loan:Loan)
  WHERE p.person_id IN chain
  WITH DISTINCT loan
  RETURN sum(loan.loan_amount) AS amount, count(loan) AS n_loans
}
RETURN round(toFloat(amount), 3) AS sumLoanAmount, n_loans AS numLoans
