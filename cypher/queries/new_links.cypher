// title: New links
// answers: Which links were first seen since this moment?
// access: read
// param since: time, required · the moment
// param until: time, optional · leave out links from then on
// param n_most: integer = 500 · rows at most
// note: Instalments are left out: the loan behind them is older. Links without a time are left out.
// column at: time · first seen, asked for, sent or observed
// column relation: text · its relation, or its relationship in the graph
// column from_key: text · where it starts
// column to_key: text · where it ends
// column source: text · who says so, if known
MATCH (a:Entity)-[r:USES_DEVICE|USES_PHONE|HAS_ID_DOCUMENT|USES_BANK_CARD|LIVES_AT|USES_IP|USES_EMAIL|APPLIED_TO|TRANSFERRED_TO|GUARANTEES|LINKED_TO]->(b:Entity)
WITH a, b, r, coalesce(r.first_seen_at_us, r.observed_at_us, r.last_seen_at_us, r.applied_at_us,
                       r.at_us) AS at
WHERE at >= $since AND ($until IS NULL OR at < $until)
RETURN at AS at, coalesce(r.relation, type(r)) AS relation, a.entity_key AS from_key,
       b.entity_key AS to_key, r.source AS source
ORDER BY at, from_key, to_key, relation, source
LIMIT $n_most
