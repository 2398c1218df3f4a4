// title: FinBench: write Loan nodes
// answers: Makes the nodes that are missing and sets what the rows say of them.
// access: write
// param rows: rows, required · loan_id and properties
UNWIND $rows AS row
MERGE (n:Loan {loan_id: row.loan_id})
SET n += row.properties
