// title: Stale data
// answers: Which sources have not said anything for long, as seen from the newest fact in the book?
// access: read
// param stale_days: integer = 90 · a source whose newest fact is older than this is stale
// param as_of: time, optional · the moment to look from; the newest fact of all if left out
// note: A fact is an identifier seen, an application, an instalment due or paid, a label that
//   became known, or an assessment. Facts without a time or a source are left out.
// column source: text · who says so
// column fact: text · what kind of fact
// column newest_at: time · its newest fact of that kind
// column age_days: number · days from that fact to the moment looked from
// column n_facts: integer · facts of that kind with a time
MATCH (:Account)-[r]->(:Entity)
WHERE r.source IS NOT NULL
WITH r.source AS source, type(r) AS fact,
     coalesce(r.last_seen_at_us, r.first_seen_at_us, r.applied_at_us, r.paid_at_us, r.due_at_us,
              r.observed_at_us) AS at_us
WHERE at_us IS NOT NULL
WITH source, fact, max(at_us) AS newest_at, count(*) AS n_facts
WITH collect({source: source, fact: fact, newest_at: newest_at, n_facts: n_facts}) AS linked
OPTIONAL MATCH (l:RiskLabel)
WHERE l.source IS NOT NULL AND coalesce(l.known_at_us, l.event_at_us) IS NOT NULL
WITH linked, l.source AS source, max(coalesce(l.known_at_us, l.event_at_us)) AS newest_at,
     count(l) AS n_facts
WITH linked, collect({source: source, fact: 'LABELS', newest_at: newest_at, n_facts: n_facts})
     AS labelled
OPTIONAL MATCH (s:Assessment)
WHERE s.source IS NOT NULL AND s.as_of_us IS NOT NULL
WITH linked, labelled, s.source AS source, max(s.as_of_us) AS newest_at, count(s) AS n_facts
WITH linked, labelled,
     collect({source: source, fact: 'ASSESSES', newest_at: newest_at, n_facts: n_facts})
     AS assessed
UNWIND linked + labelled + assessed AS one
WITH one.source AS source, one.fact AS fact, one.newest_at AS newest_at, one.n_facts AS n_facts
WHERE n_facts > 0
WITH collect({source: source, fact: fact, newest_at: newest_at, n_facts: n_facts}) AS all_facts,
     max(newest_at) AS newest_of_all
UNWIND all_facts AS one
WITH one.source AS source, one.fact AS fact, one.newest_at AS newest_at, one.n_facts AS n_facts,
     coalesce($as_of, newest_of_all) AS seen_from
WHERE newest_at + $stale_days * 86400000000 < seen_from
RETURN source AS source, fact AS fact, newest_at AS newest_at,
       (seen_from - newest_at) / 86400000000.0 AS age_days, n_facts AS n_facts
ORDER BY newest_at, source, fact
