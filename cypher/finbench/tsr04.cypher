// title: FinBench simple read 4: large transfers out
// answers: Whom did an account pay with large transfers, how often and how much?
// access: read
// param id: integer, required · account_id
// param threshold: number, required · a transfer must be larger
// param startTime: time, required · the window opens after this moment
// param endTime: time, required · the window closes before this moment
// column dstId: integer · account_id of who was paid
// column numEdges: integer · large transfers
// column sumAmount: number · their sum, rounded to 3 places
MATCH (a:Account {account_id: $id})-[r:TRANSFER]->(b:Account)
WHERE $startTime < r.at_us AND r.at_us < $endTime AND r.amount > $threshold
WITH b, count(r) AS n, sum(r.amount) AS amount
RETURN b.account_id AS dstId, n AS numEdges, round(amount, 3) AS sumAmount
ORDER BY sumAmount DESC, dstId
