// title: FinBench: every edge
// answers: What edges does the database hold?
// access: read
// column word: text · its type
// column begins: text · label of the node where it begins
// column source_id: integer · key of that node
// column ends: text · label of the node where it ends
// column target_id: integer · key of that node
// column properties: rows · what is known of the edge
MATCH (a)-[r]->(b)
RETURN type(r) AS word, labels(a)[0] AS begins,
       coalesce(a.account_id, a.person_id, a.company_id, a.loan_id, a.medium_id) AS source_id,
       labels(b)[0] AS ends,
       coalesce(b.account_id, b.person_id, b.company_id, b.loan_id, b.medium_id) AS target_id,
       properties(r) AS properties
