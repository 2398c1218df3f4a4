// title: Write evidence of a run
// answers: Makes what is missing, and ties each to what it is about.
// access: write
// param rows: rows, required · evidence_key, decision_key, and properties
UNWIND $rows AS row
MATCH (t:Decision {decision_key: row.decision_key})
MERGE (n:Evidence {evidence_key: row.evidence_key})
SET n += row.properties
MERGE (n)-[:SUPPORTS]->(t)
