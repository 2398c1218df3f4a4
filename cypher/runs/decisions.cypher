// title: Write decisions of a run
// answers: Makes what is missing, and ties each to what it is about.
// access: write
// param rows: rows, required · decision_key, account_id, and properties
UNWIND $rows AS row
MATCH (t:Account {account_id: row.account_id})
MERGE (n:Decision {decision_key: row.decision_key})
SET n += row.properties
MERGE (n)-[:DECIDES]->(t)
