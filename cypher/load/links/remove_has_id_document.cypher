// title: Remove HAS_ID_DOCUMENT links
// answers: Takes away links that the book no longer has.
// access: write
// param rows: rows, required · record_id
UNWIND $rows AS row
MATCH ()-[r:HAS_ID_DOCUMENT {record_id: row.record_id}]->()
DELETE r
