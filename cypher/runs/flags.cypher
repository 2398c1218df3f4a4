// title: Write flags of a run
// answers: Makes what is missing, and ties each to what it is about.
// access: write
// param rows: rows, required · flag_key, entity_key, and properties
UNWIND $rows AS row
MATCH (t:Entity {entity_key: row.entity_key})
MERGE (n:Flag {flag_key: row.flag_key})
SET n += row.properties
MERGE (n)-[:FLAGS]->(t)
