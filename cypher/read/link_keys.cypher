// title: Keys of links
// answers: Which link records are there?
// access: read
// column relationship: text · its type
// column record_id: text · the record
MATCH (:Entity)-[r]->(:Entity)
WHERE r.record_id IS NOT NULL
RETURN type(r) AS relationship, r.record_id AS record_id
