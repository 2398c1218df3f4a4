// title: FinBench: write GUARANTEE links of Company to Company
// answers: Makes one link for each row. FinBench gives its edges no key, so loading twice makes
//   two.
// access: write
// param rows: rows, required · from_id (company_id), to_id (company_id) and properties
UNWIND $rows AS row
MATCH (a:Company {company_id: row.from_id})
MATCH (b:Company {company_id: row.to_id})
CREATE (a)-[r:GUARANTEE]->(b)
SET r += row.properties
