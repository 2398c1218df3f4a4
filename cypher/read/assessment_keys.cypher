// title: Keys of assessments
// answers: Which assessments are there?
// access: read
// column record_id: text · the record
MATCH (f:Assessment)
WHERE f.record_id IS NOT NULL
RETURN f.record_id AS record_id
