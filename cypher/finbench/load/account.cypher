// title: FinBench: write Account nodes
// answers: Makes the nodes that are missing and sets what the rows say of them.
// access: write
// param rows: rows, required · account_id and properties
UNWIND $rows AS row
MERGE (n:Account {account_id: row.account_id})
SET n += row.properties
