// title: FinBench: write INVEST links of Person to Company
// answers: Makes one link for each row. FinBench gives its edges no key, so loading twice makes
//   two.
// access: write
// param rows: rows, required · from_id (person_id), to_id (company_id) and properties
UNWIND $rows AS row
MATCH (a:Person {person_id: row.from_id})
MATCH (b:Company {company_id: row.to_id})
CREATE (a)-[r:INVEST]->(b)
SET r += row.properties
