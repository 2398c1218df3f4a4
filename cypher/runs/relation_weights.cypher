// title: Write how far links carried risk in a run
// answers: Makes what is missing.
// access: write
// param rows: rows, required · weight_key, and properties
UNWIND $rows AS row
MERGE (n:RelationWeight {weight_key: row.weight_key})
SET n += row.properties
