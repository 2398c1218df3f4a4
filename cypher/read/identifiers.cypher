// title: Identifiers
// answers: What does the book hold as identifiers?
// access: read
// column account_id: text · the account
// column kind: text · what the value is
// column value: text · the value
// column first_seen_at: time · when first seen
// column last_seen_at: time · when last seen
// column source: text · who says so
MATCH (a:Account)-[r:USES_DEVICE|USES_PHONE|HAS_ID_DOCUMENT|USES_BANK_CARD|LIVES_AT|USES_IP|
                   USES_EMAIL]->(b:Entity)
RETURN a.account_id AS account_id,
       b.kind AS kind,
       b.entity_id AS value,
       r.first_seen_at_us AS first_seen_at,
       r.last_seen_at_us AS last_seen_at,
       r.source AS source
