// title: FinBench: write Company nodes
// answers: Makes the nodes that are missing and sets what the rows say of them.
// access: write
// param rows: rows, required · company_id and properties
UNWIND $rows AS row
MERGE (n:Company {company_id: row.company_id})
SET n += row.properties
