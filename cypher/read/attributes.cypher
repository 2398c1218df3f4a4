// title: Attributes of entities
// answers: What numbers does the book hold about entities?
// access: read
// param properties: list of text, required · names of the properties that hold them
// column kind: text · what it is
// column entity_id: text · its id
// column numbers: list of number · one for each property
MATCH (n:Entity)
WHERE 'entities' IN n.listed_in
RETURN n.kind AS kind, n.entity_id AS entity_id, [one IN $properties | n[one]] AS numbers
