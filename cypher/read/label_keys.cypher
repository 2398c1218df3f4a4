// title: Keys of labels
// answers: Which labels are there?
// access: read
// column record_id: text · the record
MATCH (f:RiskLabel)
WHERE f.record_id IS NOT NULL
RETURN f.record_id AS record_id
