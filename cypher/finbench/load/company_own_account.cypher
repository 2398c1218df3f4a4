// title: FinBench: write OWN links of Company to Account
// answers: Makes one link for each row. FinBench gives its edges no key, so loading twice makes
//   two.
// access: write
// param rows: rows, required · from_id (company_id), to_id (account_id) and properties
UNWIND $rows AS row
MATCH (a:Company {company_id: row.from_id})
MATCH (b:Account {account_id: row.to_id})
CREATE (a)-[r:OWN]->(b)
SET r += row.properties
