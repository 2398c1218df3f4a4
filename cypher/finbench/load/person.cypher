// title: FinBench: write Person nodes
// answers: Makes the nodes that are missing and sets what the rows say of them.
// access: write
// param rows: rows, required · person_id and properties
UNWIND $rows AS row
MERGE (n:Person {person_id: row.person_id})
SET n += row.properties
