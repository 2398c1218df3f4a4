// title: Stale data
// answers: Which sources have said nothing new for long?
// access: read
// param stale_days: number = 90 · a source whose newest fact of a kind is older than this is stale
// param as_of: time, optional · the moment to look from; the newest fact of all if left out
// param n_most: integer = 200 · rows at most
// note: A fact is a link record, a label or an assessment. What has no time or no source is left out.
// column source: text · who says so
// column fact: text · relation, or label, or assessment
// column newest_at: time · its newest fact of that kind
// column age_days: number · days from then to the moment looked from
// column n_facts: integer · its facts of that kind
CALL () {
  MATCH (:Entity)-[r:USES_DEVICE|USES_PHONE|HAS_ID_DOCUMENT|USES_BANK_CARD|LIVES_AT|USES_IP|USES_EMAIL|APPLIED_TO|BORROWS_FROM|TRANSFERRED_TO|GUARANTEES|LINKED_TO]->(:Entity)
  RETURN r.source AS source, coalesce(r.relation, type(r)) AS fact,
         coalesce(r.last_seen_at_us, r.observed_at_us, r.first_seen_at_us, r.applied_at_us,
                  r.paid_at_us, r.due_at_us) AS at
  UNION ALL
  MATCH (l:RiskLabel)
  RETURN l.source AS source, 'label' AS fact, coalesce(l.known_at_us, l.event_at_us) AS at
  UNION ALL
  MATCH (s:Assessment)
  RETURN s.source AS source, 'assessment' AS fact, s.as_of_us AS at
}
WITH source, fact, at
WHERE source IS NOT NULL AND at IS NOT NULL
WITH source, fact, max(at) AS newest_at, count(*) AS n_facts
WITH collect({source: source, fact: fact, newest_at: newest_at, n_facts: n_facts}) AS groups,
     coalesce($as_of, max(newest_at)) AS seen_from
UNWIND groups AS one
WITH one.source AS source, one.fact AS fact, one.newest_at AS newest_at, one.n_facts AS n_facts,
     (seen_from - one.newest_at) / 86400000000.0 AS age_days
WHERE age_days > $stale_days
RETURN source AS source, fact AS fact, newest_at AS newest_at, age_days AS age_days,
       n_facts AS n_facts
ORDER BY newest_at, source, fact
LIMIT $n_most
