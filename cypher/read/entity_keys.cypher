// title: Keys of entities
// answers: Which entities are there, and with what content?
// access: read
// column entity_key: text · kind and id
// column content_hash: text · hash of the properties as loaded
MATCH (n:Entity)
RETURN n.entity_key AS entity_key, n.content_hash AS content_hash
