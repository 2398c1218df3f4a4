// title: Sources that contradict each other
// answers: Where does one source say the opposite of another?
// access: read
// param apart_ratio: number = 1.6 · two values of a measure contradict each other when the larger
//   is at least so many times the smaller; the analysis counts from 1.6 on
// param n_most: integer = 200 · rows at most
// note: Labels: one source speaks against an entity, another one for it; what has expired by the
//   current run is left out. Assessments: the newest of each source, of the same account and measure.
// column entity_key: text · of whom
// column about: text · label, or the measure
// column source_one: text · who says one thing
// column says_one: text · what
// column source_two: text · who says the other
// column says_two: text · what
OPTIONAL MATCH (current:CurrentRun {book: 'default'})
OPTIONAL MATCH (run:Run {run_id: current.run_id})
WITH run.as_of_us AS as_of
CALL (as_of) {
  MATCH (bad:RiskLabel)-[:LABELS]->(entity:Entity)<-[:LABELS]-(good:RiskLabel)
  WHERE good.label_kind IN ['good', 'good_standing']
        AND NOT bad.label_kind IN ['good', 'good_standing']
        AND bad.source <> good.source
        AND coalesce(bad.expires_at_us > as_of, true) AND coalesce(good.expires_at_us > as_of, true)
  RETURN DISTINCT entity.entity_key AS entity_key, 'label' AS about, bad.source AS source_one,
         bad.label_kind AS says_one, good.source AS source_two, good.label_kind AS says_two
  UNION ALL
  MATCH (s:Assessment)-[:ASSESSES]->(a:Account)
  WHERE s.source IS NOT NULL AND s.value IS NOT NULL
  WITH a, s.measure AS measure, s.source AS source, coalesce(s.as_of_us, 0) AS at, s.value AS value
  ORDER BY at DESC, value DESC
  WITH a, measure, source, collect(value) AS said
  WITH a, measure, collect({source: source, value: said[0]}) AS beliefs
  WHERE size(beliefs) > 1
  UNWIND beliefs AS low
  UNWIND beliefs AS high
  WITH a, measure, low, high
  WHERE low.value > 0 AND high.value >= $apart_ratio * low.value AND low.source <> high.source
  RETURN a.entity_key AS entity_key, measure AS about, high.source AS source_one,
         toString(high.value) AS says_one, low.source AS source_two, toString(low.value) AS says_two
}
RETURN entity_key AS entity_key, about AS about, source_one AS source_one, says_one AS says_one,
       source_two AS source_two, says_two AS says_two
ORDER BY entity_key, about, source_one, source_two, says_one, says_two
LIMIT $n_most
