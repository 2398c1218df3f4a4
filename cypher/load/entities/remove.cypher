// title: Remove entities
// answers: Takes away entities that the book no longer has, with their links.
// access: write
// param rows: rows, required · entity_key
UNWIND $rows AS row
MATCH (n:Entity {entity_key: row.entity_key})
DETACH DELETE n
