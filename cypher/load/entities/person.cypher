// title: Make entities of kind person
// answers: Makes what is missing; what is there stays as it is.
// access: write
// param rows: rows, required · entity_key, and properties (null where unknown)
UNWIND $rows AS row
WITH row
WHERE NOT EXISTS { MATCH (m:Entity {entity_key: row.entity_key}) WHERE m.kind = 'person' }
CREATE (n:Entity:Person {entity_key: row.entity_key})
SET n += row.properties
