// title: Assessments
// answers: What does the book hold as assessments?
// access: read
// column account_id: text · the account
// column source: text · who assessed it
// column measure: text · what was assessed
// column value: number · the value
// column as_of: time · what moment it is about
MATCH (s:Assessment)-[:ASSESSES]->(a:Account)
RETURN a.account_id AS account_id,
       s.source AS source,
       s.measure AS measure,
       s.value AS value,
       s.as_of_us AS as_of
