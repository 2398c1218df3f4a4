// title: FinBench complex read 12: transfers to companies
// answers: How much did a person's accounts transfer to each account of a company?
// access: read
// param id: integer, required · person_id of the owner
// param startTime: time, required · the window opens after this moment
// param endTime: time, required · the window closes before this moment
// param truncationLimit: integer, required · edges kept at each step, at most
// param truncationOrder: text, required · TIMESTAMP_ASCENDING keeps the oldest,
//   TIMESTAMP_DESCENDING the newest; there is no answer to another word
// column compAccountId: integer · account_id of the company's account
// column sumEdge2Amount: number · transfers to it, rounded to 3 places
MATCH (:Person {person_id: $id})-[:OWN]->(a:Account)
WHERE $truncationOrder IN ['TIMESTAMP_ASCENDING', 'TIMESTAMP_DESCENDING']
WITH DISTINCT a
CALL (a) {
  MATCH (a)-[r:TRANSFER]->(b:Account)
  WHERE $startTime < r.at_us AND r.at_us < $endTime
  RETURN b, r.amount AS amount
  ORDER BY CASE $truncationOrder WHEN 'TIMESTAMP_ASCENDING' THEN r.at_us ELSE -r.at_us END,
           b.account_id, r.amount
  LIMIT $truncationLimit
}
WITH b, sum(amount) AS amount
WHERE EXISTS { MATCH (b)<-[:OWN]-(:Company) }
RETURN b.account_id AS compAccountId, round(amount, 3) AS sumEdge2Amount
ORDER BY sumEdge2Amount DESC, compAccountId
