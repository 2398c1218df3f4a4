// title: FinBench complex read 4: three accounts in a transfer cycle
// answers: Which accounts close a circle of transfers after a transfer from src to dst?
// access: read
// param id1: integer, required · account_id of src
// param id2: integer, required · account_id of dst
// param startTime: time, required · the window opens after this moment
// param endTime: time, required · the window closes before this moment
// column otherId: integer · account_id of the account between dst and src
// column numEdge2: integer · transfers from other to src
// column sumEdge2Amount: number · their sum, rounded to 3 places
// column maxEdge2Amount: number · the largest, rounded to 3 places
// column numEdge3: integer · transfers from dst to other
// column sumEdge3Amount: number · their sum, rounded to 3 places
// column maxEdge3Amount: number · the largest, rounded to 3 places
MATCH (src:Account {account_id: $id1})-[edge1:TRANSFER]->(dst:Account {account_id: $id2})
WHERE $startTime < edge1.at_us AND edge1.at_us < $endTime
WITH DISTINCT src, dst
MATCH (dst)-[edge3:TRANSFER]->(other:Account)
WHERE $startTime < edge3.at_us AND edge3.at_us < $endTime AND other <> src AND other <> dst
WITH src, other, count(edge3) AS n3, sum(edge3.amount) AS sum3, max(edge3.amount) AS max3
MATCH (other)-[edge2:TRANSFER]->(src)
WHERE $startTime < edge2.at_us AND edge2.at_us < $endTime
WITH other, n3, sum3, max3, count(edge2) AS n2, sum(edge2.amount) AS sum2, max(edge2.amount) AS max2
RETURN other.account_id AS otherId,
       n2 AS numEdge2, round(sum2, 3) AS sumEdge2Amount, round(max2, 3) AS maxEdge2Amount,
       n3 AS numEdge3, round(sum3, 3) AS sumEdge3Amount, round(max3, 3) AS maxEdge3Amount
ORDER BY sumEdge2Amount DESC, sumEdge3Amount DESC, otherId
