// title: FinBench: every node
// answers: What nodes does the database hold?
// access: read
// engines: neo4j, embedded
// column kind: text · its label
// column properties: rows · what is known of it
MATCH (n)
RETURN labels(n)[0] AS kind, properties(n) AS properties
