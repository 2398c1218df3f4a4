// title: FinBench complex read 10: similarity of investors
// answers: How alike are the companies that two persons invest in?
// access: read
// param pid1: integer, required · person_id of one
// param pid2: integer, required · person_id of the other
// param startTime: time, required · the window opens after this moment
// param endTime: time, required · the window closes before this moment
// column jaccardSimilarity: number · companies of both over companies of either, rounded to 3
//   places
MATCH (first:Person {person_id: $pid1})
MATCH (second:Person {person_id: $pid2})
CALL (first) {
  MATCH (first)-[r:INVEST]->(c:Company)
  WHERE $startTime < r.at_us AND r.at_us < $endTime
  RETURN collect(DISTINCT c.company_id) AS companies1
}
CALL (second) {
  MATCH (second)-[r:INVEST]->(c:Company)
  WHERE $startTime < r.at_us AND r.at_us < $endTime
  RETURN collect(DISTINCT c.company_id) AS companies2
}
WITH companies1, companies2, size([c IN companies1 WHERE c IN companies2]) AS n_both
WITH n_both, size(companies1) + size(companies2) - n_both AS n_either
RETURN CASE WHEN n_either = 0 THEN 0.0 ELSE round(toFloat(n_both) / n_either, 3) END
       AS jaccardSimilarity
