// title: FinBench simple read 2: transfers in and out
// answers: How much went out of an account and into it?
// access: read
// param id: integer, required · account_id
// param startTime: time, required · the window opens after this moment
// param endTime: time, required · the window closes before this moment
// column sumEdge1Amount: number · transfers out, rounded to 3 places
// column maxEdge1Amount: number · the largest transfer out, rounded to 3 places; -1 without one
// column numEdge1: integer · transfers out
// column sumEdge2Amount: number · transfers in, rounded to 3 places
// column maxEdge2Amount: number · the largest transfer in, rounded to 3 places; -1 without one
// column numEdge2: integer · transfers in
MATCH (a:Account {account_id: $id})
CALL (a) {
  MATCH (a)-[r:TRANSFER]->(:Account)
  WHERE $startTime < r.at_us AND r.at_us < $endTime
  RETURN sum(r.amount) AS sum1, max(r.amount) AS max1, count(r) AS n1
}
CALL (a) {
  MATCH (a)<-[r:TRANSFER]-(:Account)
  WHERE $startTime < r.at_us AND r.at_us < $endTime
  RETURN sum(r.amount) AS sum2, max(r.amount) AS max2, count(r) AS n2
}
RETURN round(toFloat(sum1), 3) AS sumEdge1Amount, round(coalesce(max1, -1.0), 3) AS maxEdge1Amount,
       n1 AS numEdge1,
       round(toFloat(sum2), 3) AS sumEdge2Amount, round(coalesce(max2, -1.0), 3) AS maxEdge2Amount,
       n2 AS numEdge2
