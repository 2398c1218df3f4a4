// title: FinBench: write TRANSFER links of Account to Account
// answers: Makes one link for each row. FinBench gives its edges no key, so loading twice makes
//   two.
// access: write
// param rows: rows, required · from_id (account_id), to_id (account_id) and properties
UNWIND $rows AS row
MATCH (a:Account {account_id: row.from_id})
MATCH (b:Account {account_id: row.to_id})
CREATE (a)-[r:TRANSFER]->(b)
SET r += row.properties
