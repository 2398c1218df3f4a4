// title: Remove USES_EMAIL links
// answers: Takes away links that the book no longer has.
// access: write
// param rows: rows, required · record_id
UNWIND $rows AS row
MATCH ()-[r:USES_EMAIL {record_id: row.record_id}]->()
DELETE r
