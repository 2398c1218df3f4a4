// title: FinBench: write Medium nodes
// answers: Makes the nodes that are missing and sets what the rows say of them.
// access: write
// param rows: rows, required · medium_id and properties
UNWIND $rows AS row
MERGE (n:Medium {medium_id: row.medium_id})
SET n += row.properties
