// title: FinBench: write APPLY links of Person to Loan
// answers: Makes one link for each row. FinBench gives its edges no key, so loading twice makes
//   two.
// access: write
// param rows: rows, required · from_id (person_id), to_id (loan_id) and properties
UNWIND $rows AS row
MATCH (a:Person {person_id: row.from_id})
MATCH (b:Loan {loan_id: row.to_id})
CREATE (a)-[r:APPLY]->(b)
SET r += row.properties
