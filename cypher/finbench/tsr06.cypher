// title: FinBench simple read 6: blocked accounts with a common source
// answers: Which blocked accounts were paid by an account that paid this one too?
// access: read
// param id: integer, required · account_id
// param startTime: time, required · the window opens after this moment
// param endTime: time, required · the window closes before this moment
// column dstId: integer · account_id of the blocked account
MATCH (a:Account {account_id: $id})<-[r1:TRANSFER]-(mid:Account)
WHERE $startTime < r1.at_us AND r1.at_us < $endTime
WITH DISTINCT a, mid
MATCH (mid)-[r2:TRANSFER]->(dst:Account {is_blocked: true})
WHERE $startTime < r2.at_us AND r2.at_us < $endTime AND dst <> a
RETURN DISTINCT dst.account_id AS dstId
ORDER BY dstId
