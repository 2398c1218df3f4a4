// title: Write actions of a scheduled run
// answers: Makes what is missing; the same actions again change nothing.
// access: write
// param rows: rows, required · action_key, and properties
UNWIND $rows AS row
MERGE (n:Action {action_key: row.action_key})
SET n += row.properties
