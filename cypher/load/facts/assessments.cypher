// title: Write assessments
// answers: Makes the facts that are missing, and ties each to its entity.
// access: write
// param rows: rows, required · record_id, to_key, and properties
UNWIND $rows AS row
MATCH (e:Entity {entity_key: row.to_key})
MERGE (f:Assessment {record_id: row.record_id})
SET f += row.properties
MERGE (f)-[:ASSESSES]->(e)
