// title: Labels
// answers: What does the book hold as labels?
// access: read
// column entity_kind: text · kind of the entity
// column entity_id: text · its id
// column label: text · the fact
// column severity: number · how grave
// column event_at: time · when it came about
// column known_at: time · when it became known
// column expires_at: time · when it stops to count
// column source: text · who says so
MATCH (l:RiskLabel)-[:LABELS]->(n:Entity)
RETURN n.kind AS entity_kind,
       n.entity_id AS entity_id,
       l.label_kind AS label,
       l.severity AS severity,
       l.event_at_us AS event_at,
       l.known_at_us AS known_at,
       l.expires_at_us AS expires_at,
       l.source AS source
