// title: Write entities of kind phone
// answers: Makes what is missing, and brings what is there up to date.
// access: write
// param rows: rows, required · entity_key, and properties (null where unknown)
UNWIND $rows AS row
MERGE (n:Entity:Phone {entity_key: row.entity_key})
SET n += row.properties
