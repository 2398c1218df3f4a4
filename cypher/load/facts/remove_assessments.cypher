// title: Remove assessments
// answers: Takes away facts that the book no longer has, such as a label that was withdrawn.
// access: write
// param rows: rows, required · record_id
UNWIND $rows AS row
MATCH (f:Assessment {record_id: row.record_id})
DETACH DELETE f
