// title: Links of the long layout
// answers: What does the book hold as links?
// access: read
// column source_kind: text · kind of the first
// column source_id: text · id of the first
// column target_kind: text · kind of the second
// column target_id: text · id of the second
// column relation: text · what the link means
// column observed_at: time · when observed
// column first_seen_at: time · when first seen
// column last_seen_at: time · when last seen
// column weight: number · how strong
// column amount: number · how much it moved, in any unit
// column source: text · who says so
MATCH (a:Entity)-[r:LINKED_TO]->(b:Entity)
RETURN a.kind AS source_kind,
       a.entity_id AS source_id,
       b.kind AS target_kind,
       b.entity_id AS target_id,
       r.relation AS relation,
       r.observed_at_us AS observed_at,
       r.first_seen_at_us AS first_seen_at,
       r.last_seen_at_us AS last_seen_at,
       r.weight AS weight,
       r.amount AS amount,
       r.source AS source
