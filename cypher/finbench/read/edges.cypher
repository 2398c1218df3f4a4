// title: FinBench: every edge
// answers: What edges does the database hold?
// access: read
// column word: text · its type
// column begins: text · label of the node where it begins
// column source: rows · what is known of that node
// column ends: text · label of the node where it ends
// column target: rows · what is known of that node
// column properties: rows · what is known of the edge
MATCH (a)-[r]->(b)
RETURN type(r) AS word, labels(a)[0] AS begins, properties(a) AS source,
       labels(b)[0] AS ends, properties(b) AS target, properties(r) AS properties
