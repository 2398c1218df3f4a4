// title: Remove LINKED_TO links
// answers: Takes away links that the book no longer has.
// access: write
// param rows: rows, required · record_id
UNWIND $rows AS row
MATCH ()-[r:LINKED_TO {record_id: row.record_id}]->()
DELETE r
