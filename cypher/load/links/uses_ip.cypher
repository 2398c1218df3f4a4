// title: Write USES_IP links
// answers: Makes the links that are missing; one that is there stays one.
// access: write
// param rows: rows, required · record_id, from_key, to_key, and properties
UNWIND $rows AS row
MATCH (a:Entity {entity_key: row.from_key})
MATCH (b:Entity {entity_key: row.to_key})
MERGE (a)-[r:USES_IP {record_id: row.record_id}]->(b)
SET r += row.properties
