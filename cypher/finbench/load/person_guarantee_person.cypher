// title: FinBench: write GUARANTEE links of Person to Person
// answers: Makes one link for each row. FinBench gives its edges no key, so loading twice makes
//   two.
// access: write
// param rows: rows, required · from_id (person_id), to_id (person_id) and properties
UNWIND $rows AS row
MATCH (a:Person {person_id: row.from_id})
MATCH (b:Person {person_id: row.to_id})
CREATE (a)-[r:GUARANTEE]->(b)
SET r += row.properties
