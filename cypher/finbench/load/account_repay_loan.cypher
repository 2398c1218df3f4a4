// title: FinBench: write REPAY links of Account to Loan
// answers: Makes one link for each row. FinBench gives its edges no key, so loading twice makes
//   two.
// access: write
// param rows: rows, required · from_id (account_id), to_id (loan_id) and properties
UNWIND $rows AS row
MATCH (a:Account {account_id: row.from_id})
MATCH (b:Loan {loan_id: row.to_id})
CREATE (a)-[r:REPAY]->(b)
SET r += row.properties
