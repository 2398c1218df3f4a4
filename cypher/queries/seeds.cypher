// title: Seeds by source and expiry
// answers: Which labels does risk start from, who gave them, and when do they expire?
// access: read
// param as_of: time, optional · the moment to look from; the current run's if left out
// param soon_days: number = 30 · a label that expires within so many days expires soon
// param source: text, optional · only labels of this source
// param n_most: integer = 500 · rows at most
// column source: text · who gave the label, if known
// column label: text · what it says
// column entity_key: text · of whom
// column known_at: time · since when it was known, or when it happened
// column expires_at: time · when it expires, if ever
// column state: text · in force, expires soon, expired, or not yet known
OPTIONAL MATCH (current:CurrentRun {book: 'default'})
OPTIONAL MATCH (run:Run {run_id: current.run_id})
WITH coalesce($as_of, run.as_of_us) AS as_of
MATCH (l:RiskLabel)-[:LABELS]->(entity:Entity)
WHERE $source IS NULL OR l.source = $source
WITH l, entity, as_of, coalesce(l.known_at_us, l.event_at_us) AS known_at
RETURN l.source AS source, l.label_kind AS label, entity.entity_key AS entity_key,
       known_at AS known_at, l.expires_at_us AS expires_at,
       CASE WHEN known_at > as_of THEN 'not yet known'
            WHEN l.expires_at_us <= as_of THEN 'expired'
            WHEN l.expires_at_us <= as_of + $soon_days * 86400000000 THEN 'expires soon'
            ELSE 'in force' END AS state
ORDER BY source, expires_at, entity_key, label, known_at
LIMIT $n_most
