// title: Update entities
// answers: Brings entities that are there up to date.
// access: write
// param rows: rows, required · entity_key, and properties (null where unknown)
UNWIND $rows AS row
MATCH (n:Entity {entity_key: row.entity_key})
SET n += row.properties
