// title: Strongest evidence paths to a seed
// answers: Over which links could risk of a known bad account or thing have come here?
// access: read
// param account_id: text, required · the account to start from
// param least_prob: number = 0.01 · leave out paths that carry less
// param hub_links: integer = 20 · an entity with more link records than this is not walked through
// param n_most: integer = 20 · rows at most
// note: What a path carries is the product of the current run's weights of its links, toward the
//   account, before hub damping, age, overlap in time and innocent sharing, and without the
//   strength of the label. So it is at least what the analysis counted for that path. Paths have
//   up to four links; protected entities carry nothing; no entity comes twice.
// column prob: number · what the path carries
// column n_links: integer · its links
// column seed_key: text · the entity that is known to be bad
// column label: text · the label that decided
// column path: text · from the account to the seed; arrows point the way a link was recorded
MATCH (start:Account {account_id: $account_id})
MATCH (current:CurrentRun {book: 'default'})
WITH start, current.run_id AS run_id
CALL (run_id) {
  MATCH (w:RelationWeight {run_id: run_id})
  RETURN collect({relation: w.relation, forward_prob: w.forward_prob,
                  backward_prob: w.backward_prob}) AS weights
}
WITH run_id, start, weights,
     coalesce(head([w IN weights WHERE w.relation = 'other']), {forward_prob: 0.0, backward_prob: 0.0})
     AS other
WITH run_id, weights, other,
     [{last_key: start.entity_key, keys: [start.entity_key], prob: 1.0, told: start.entity_key}] AS paths0
CALL (run_id, weights, other, paths0) {
  UNWIND paths0 AS path
  MATCH (last:Entity {entity_key: path.last_key})
  MATCH (last)-[r:USES_DEVICE|USES_PHONE|HAS_ID_DOCUMENT|USES_BANK_CARD|LIVES_AT|USES_IP|USES_EMAIL|APPLIED_TO|BORROWS_FROM|TRANSFERRED_TO|GUARANTEES|LINKED_TO]-(next:Entity)
  WHERE NOT next.entity_key IN path.keys
        AND NOT EXISTS { MATCH (next)<-[:FLAGS]-(hub:Flag)
                         WHERE hub.run_id = run_id AND hub.flag STARTS WITH 'protected_hub:' }
  WITH path, next, weights, other, startNode(r).entity_key = next.entity_key AS is_toward,
       CASE type(r) WHEN 'TRANSFERRED_TO' THEN 'transfer' WHEN 'LINKED_TO' THEN r.relation
                       ELSE toLower(type(r)) END AS relation
  WITH DISTINCT path, next, is_toward, relation,
       coalesce(head([w IN weights WHERE w.relation = relation]), other) AS weight
  WITH path, next, relation, is_toward,
       path.prob * CASE WHEN is_toward THEN weight.forward_prob ELSE weight.backward_prob END AS prob
  WHERE prob >= $least_prob
  WITH path, next, prob, CASE WHEN is_toward THEN ' <-' + relation + '- '
                              ELSE ' -' + relation + '-> ' END AS arrow
  ORDER BY prob DESC, arrow
  WITH path, next, collect({prob: prob, arrow: arrow})[0] AS best
  RETURN collect({last_key: next.entity_key, keys: path.keys + [next.entity_key], prob: best.prob,
                  told: path.told + best.arrow + next.entity_key}) AS paths1
}
CALL (run_id, weights, other, paths1) {
  UNWIND paths1 AS path
  MATCH (last:Entity {entity_key: path.last_key})
  WHERE COUNT { (last)-[:USES_DEVICE|USES_PHONE|HAS_ID_DOCUMENT|USES_BANK_CARD|LIVES_AT|USES_IP|USES_EMAIL|APPLIED_TO|BORROWS_FROM|TRANSFERRED_TO|GUARANTEES|LINKED_TO]-() } <= $hub_links
  MATCH (last)-[r:USES_DEVICE|USES_PHONE|HAS_ID_DOCUMENT|USES_BANK_CARD|LIVES_AT|USES_IP|USES_EMAIL|APPLIED_TO|BORROWS_FROM|TRANSFERRED_TO|GUARANTEES|LINKED_TO]-(next:Entity)
  WHERE NOT next.entity_key IN path.keys
        AND NOT EXISTS { MATCH (next)<-[:FLAGS]-(hub:Flag)
                         WHERE hub.run_id = run_id AND hub.flag STARTS WITH 'protected_hub:' }
  WITH path, next, weights, other, startNode(r).entity_key = next.entity_key AS is_toward,
       CASE type(r) WHEN 'TRANSFERRED_TO' THEN 'transfer' WHEN 'LINKED_TO' THEN r.relation
                       ELSE toLower(type(r)) END AS relation
  WITH DISTINCT path, next, is_toward, relation,
       coalesce(head([w IN weights WHERE w.relation = relation]), other) AS weight
  WITH path, next, relation, is_toward,
       path.prob * CASE WHEN is_toward THEN weight.forward_prob ELSE weight.backward_prob END AS prob
  WHERE prob >= $least_prob
  WITH path, next, prob, CASE WHEN is_toward THEN ' <-' + relation + '- '
                              ELSE ' -' + relation + '-> ' END AS arrow
  ORDER BY prob DESC, arrow
  WITH path, next, collect({prob: prob, arrow: arrow})[0] AS best
  RETURN collect({last_key: next.entity_key, keys: path.keys + [next.entity_key], prob: best.prob,
                  told: path.told + best.arrow + next.entity_key}) AS paths2
}
CALL (run_id, weights, other, paths2) {
  UNWIND paths2 AS path
  MATCH (last:Entity {entity_key: path.last_key})
  WHERE COUNT { (last)-[:USES_DEVICE|USES_PHONE|HAS_ID_DOCUMENT|USES_BANK_CARD|LIVES_AT|USES_IP|USES_EMAIL|APPLIED_TO|BORROWS_FROM|TRANSFERRED_TO|GUARANTEES|LINKED_TO]-() } <= $hub_links
  MATCH (last)-[r:USES_DEVICE|USES_PHONE|HAS_ID_DOCUMENT|USES_BANK_CARD|LIVES_AT|USES_IP|USES_EMAIL|APPLIED_TO|BORROWS_FROM|TRANSFERRED_TO|GUARANTEES|LINKED_TO]-(next:Entity)
  WHERE NOT next.entity_key IN path.keys
        AND NOT EXISTS { MATCH (next)<-[:FLAGS]-(hub:Flag)
                         WHERE hub.run_id = run_id AND hub.flag STARTS WITH 'protected_hub:' }
  WITH path, next, weights, other, startNode(r).entity_key = next.entity_key AS is_toward,
       CASE type(r) WHEN 'TRANSFERRED_TO' THEN 'transfer' WHEN 'LINKED_TO' THEN r.relation
                       ELSE toLower(type(r)) END AS relation
  WITH DISTINCT path, next, is_toward, relation,
       coalesce(head([w IN weights WHERE w.relation = relation]), other) AS weight
  WITH path, next, relation, is_toward,
       path.prob * CASE WHEN is_toward THEN weight.forward_prob ELSE weight.backward_prob END AS prob
  WHERE prob >= $least_prob
  WITH path, next, prob, CASE WHEN is_toward THEN ' <-' + relation + '- '
                              ELSE ' -' + relation + '-> ' END AS arrow
  ORDER BY prob DESC, arrow
  WITH path, next, collect({prob: prob, arrow: arrow})[0] AS best
  RETURN collect({last_key: next.entity_key, keys: path.keys + [next.entity_key], prob: best.prob,
                  told: path.told + best.arrow + next.entity_key}) AS paths3
}
CALL (run_id, weights, other, paths3) {
  UNWIND paths3 AS path
  MATCH (last:Entity {entity_key: path.last_key})
  WHERE COUNT { (last)-[:USES_DEVICE|USES_PHONE|HAS_ID_DOCUMENT|USES_BANK_CARD|LIVES_AT|USES_IP|USES_EMAIL|APPLIED_TO|BORROWS_FROM|TRANSFERRED_TO|GUARANTEES|LINKED_TO]-() } <= $hub_links
  MATCH (last)-[r:USES_DEVICE|USES_PHONE|HAS_ID_DOCUMENT|USES_BANK_CARD|LIVES_AT|USES_IP|USES_EMAIL|APPLIED_TO|BORROWS_FROM|TRANSFERRED_TO|GUARANTEES|LINKED_TO]-(next:Entity)
  WHERE NOT next.entity_key IN path.keys
        AND NOT EXISTS { MATCH (next)<-[:FLAGS]-(hub:Flag)
                         WHERE hub.run_id = run_id AND hub.flag STARTS WITH 'protected_hub:' }
  WITH path, next, weights, other, startNode(r).entity_key = next.entity_key AS is_toward,
       CASE type(r) WHEN 'TRANSFERRED_TO' THEN 'transfer' WHEN 'LINKED_TO' THEN r.relation
                       ELSE toLower(type(r)) END AS relation
  WITH DISTINCT path, next, is_toward, relation,
       coalesce(head([w IN weights WHERE w.relation = relation]), other) AS weight
  WITH path, next, relation, is_toward,
       path.prob * CASE WHEN is_toward THEN weight.forward_prob ELSE weight.backward_prob END AS prob
  WHERE prob >= $least_prob
  WITH path, next, prob, CASE WHEN is_toward THEN ' <-' + relation + '- '
                              ELSE ' -' + relation + '-> ' END AS arrow
  ORDER BY prob DESC, arrow
  WITH path, next, collect({prob: prob, arrow: arrow})[0] AS best
  RETURN collect({last_key: next.entity_key, keys: path.keys + [next.entity_key], prob: best.prob,
                  told: path.told + best.arrow + next.entity_key}) AS paths4
}
UNWIND paths1 + paths2 + paths3 + paths4 AS path
MATCH (seed:Entity {entity_key: path.last_key})<-[:FLAGS]-(flag:Flag {run_id: run_id})
WHERE flag.flag STARTS WITH 'seed:' AND NOT flag.flag IN ['seed:good', 'seed:good_standing']
RETURN path.prob AS prob, size(path.keys) - 1 AS n_links, seed.entity_key AS seed_key,
       substring(flag.flag, 5) AS label, path.told AS path
ORDER BY prob DESC, n_links, path
LIMIT $n_most
