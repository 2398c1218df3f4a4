// title: Blast radius of an entity
// answers: Who would change tier if this entity were known to be bad?
// access: read
// param entity_key: text, required · kind and id, such as device:D1
// param strength: number = 0.9 · how sure the label would be (labels.*.strength of the policy)
// param least_prob: number = 0.01 · leave out who would hear less
// param hub_links: integer = 200 · an entity with more link records than this passes nothing on
// param free_links: number = 5.0 · a thing with more link records than this passes on less, in
//   proportion
// param nats_per_nat: number = 1.5 · what evidence is worth (evidence.reach_weight of the policy)
// param cap_nats: number = 4.5 · the most that it adds
// param monitor_prob: number = 0.06 · lowest risk of the tier (tiers.* of the policy)
// param review_prob: number = 0.2 · the same
// param limit_prob: number = 0.45 · the same
// param close_prob: number = 0.75 · the same
// param n_most: integer = 200 · rows at most
// note: An estimate. It takes the strongest path of up to four links alone, and the weights of the
//   current run before age, overlap in time and innocent sharing; it leaves out PageRank and the
//   rules that hold a tier back. Measured on a made-up book (docs/stores.md): of the accounts that
//   it lists seven in ten rise when the book is analysed with the label, and of those that rise
//   it lists two in three. A list of whom to look at, and no forecast.
// column account_id: text · the account
// column n_links: integer · links of the strongest path to the entity
// column heard_prob: number · how much of the risk would arrive over that path
// column added_nats: number · what that would add
// column risk_now: number · its risk in the current run
// column risk_then: number · its risk with what is added
// column tier_now: text · its tier in the current run
// column tier_then: text · the tier that the new risk asks for
MATCH (start:Entity {entity_key: $entity_key})
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
WITH run_id, weights, other, [{entity_key: start.entity_key, prob: $strength, n_links: 0}] AS wave0
CALL (run_id, weights, other, wave0) {
  UNWIND wave0 AS told
  MATCH (teller:Entity {entity_key: told.entity_key})
  WITH told, teller, weights, other, run_id,
       COUNT { (teller)-[:USES_DEVICE|USES_PHONE|HAS_ID_DOCUMENT|USES_BANK_CARD|LIVES_AT|USES_IP|USES_EMAIL|APPLIED_TO|BORROWS_FROM|TRANSFERRED_TO|GUARANTEES|LINKED_TO]-() } AS n_links
  WHERE n_links <= $hub_links
  MATCH (teller)-[r:USES_DEVICE|USES_PHONE|HAS_ID_DOCUMENT|USES_BANK_CARD|LIVES_AT|USES_IP|USES_EMAIL|APPLIED_TO|BORROWS_FROM|TRANSFERRED_TO|GUARANTEES|LINKED_TO]-(heard:Entity)
  WHERE heard.entity_key <> $entity_key AND heard.entity_key <> teller.entity_key
        AND NOT EXISTS { MATCH (heard)<-[:FLAGS]-(hub:Flag)
                         WHERE hub.run_id = run_id AND hub.flag STARTS WITH 'protected_hub:' }
  WITH told, teller, heard, weights, other, n_links,
       startNode(r).entity_key = teller.entity_key AS is_forward,
       CASE type(r) WHEN 'TRANSFERRED_TO' THEN 'transfer' WHEN 'LINKED_TO' THEN r.relation
                       ELSE toLower(type(r)) END AS relation
  WITH told, teller, heard, n_links, is_forward,
       coalesce(head([w IN weights WHERE w.relation = relation]), other) AS weight
  WITH heard, told.prob * CASE WHEN is_forward THEN weight.forward_prob ELSE weight.backward_prob END
       * CASE WHEN teller.kind = 'account' OR n_links <= $free_links THEN 1.0
              ELSE $free_links * 1.0 / n_links END AS prob
  WHERE prob >= $least_prob
  WITH heard.entity_key AS entity_key, max(prob) AS prob
  RETURN collect({entity_key: entity_key, prob: prob, n_links: 1}) AS wave1
}
CALL (run_id, weights, other, wave1) {
  UNWIND wave1 AS told
  MATCH (teller:Entity {entity_key: told.entity_key})
  WITH told, teller, weights, other, run_id,
       COUNT { (teller)-[:USES_DEVICE|USES_PHONE|HAS_ID_DOCUMENT|USES_BANK_CARD|LIVES_AT|USES_IP|USES_EMAIL|APPLIED_TO|BORROWS_FROM|TRANSFERRED_TO|GUARANTEES|LINKED_TO]-() } AS n_links
  WHERE n_links <= $hub_links
  MATCH (teller)-[r:USES_DEVICE|USES_PHONE|HAS_ID_DOCUMENT|USES_BANK_CARD|LIVES_AT|USES_IP|USES_EMAIL|APPLIED_TO|BORROWS_FROM|TRANSFERRED_TO|GUARANTEES|LINKED_TO]-(heard:Entity)
  WHERE heard.entity_key <> $entity_key AND heard.entity_key <> teller.entity_key
        AND NOT EXISTS { MATCH (heard)<-[:FLAGS]-(hub:Flag)
                         WHERE hub.run_id = run_id AND hub.flag STARTS WITH 'protected_hub:' }
  WITH told, teller, heard, weights, other, n_links,
       startNode(r).entity_key = teller.entity_key AS is_forward,
       CASE type(r) WHEN 'TRANSFERRED_TO' THEN 'transfer' WHEN 'LINKED_TO' THEN r.relation
                       ELSE toLower(type(r)) END AS relation
  WITH told, teller, heard, n_links, is_forward,
       coalesce(head([w IN weights WHERE w.relation = relation]), other) AS weight
  WITH heard, told.prob * CASE WHEN is_forward THEN weight.forward_prob ELSE weight.backward_prob END
       * CASE WHEN teller.kind = 'account' OR n_links <= $free_links THEN 1.0
              ELSE $free_links * 1.0 / n_links END AS prob
  WHERE prob >= $least_prob
  WITH heard.entity_key AS entity_key, max(prob) AS prob
  RETURN collect({entity_key: entity_key, prob: prob, n_links: 2}) AS wave2
}
CALL (run_id, weights, other, wave2) {
  UNWIND wave2 AS told
  MATCH (teller:Entity {entity_key: told.entity_key})
  WITH told, teller, weights, other, run_id,
       COUNT { (teller)-[:USES_DEVICE|USES_PHONE|HAS_ID_DOCUMENT|USES_BANK_CARD|LIVES_AT|USES_IP|USES_EMAIL|APPLIED_TO|BORROWS_FROM|TRANSFERRED_TO|GUARANTEES|LINKED_TO]-() } AS n_links
  WHERE n_links <= $hub_links
  MATCH (teller)-[r:USES_DEVICE|USES_PHONE|HAS_ID_DOCUMENT|USES_BANK_CARD|LIVES_AT|USES_IP|USES_EMAIL|APPLIED_TO|BORROWS_FROM|TRANSFERRED_TO|GUARANTEES|LINKED_TO]-(heard:Entity)
  WHERE heard.entity_key <> $entity_key AND heard.entity_key <> teller.entity_key
        AND NOT EXISTS { MATCH (heard)<-[:FLAGS]-(hub:Flag)
                         WHERE hub.run_id = run_id AND hub.flag STARTS WITH 'protected_hub:' }
  WITH told, teller, heard, weights, other, n_links,
       startNode(r).entity_key = teller.entity_key AS is_forward,
       CASE type(r) WHEN 'TRANSFERRED_TO' THEN 'transfer' WHEN 'LINKED_TO' THEN r.relation
                       ELSE toLower(type(r)) END AS relation
  WITH told, teller, heard, n_links, is_forward,
       coalesce(head([w IN weights WHERE w.relation = relation]), other) AS weight
  WITH heard, told.prob * CASE WHEN is_forward THEN weight.forward_prob ELSE weight.backward_prob END
       * CASE WHEN teller.kind = 'account' OR n_links <= $free_links THEN 1.0
              ELSE $free_links * 1.0 / n_links END AS prob
  WHERE prob >= $least_prob
  WITH heard.entity_key AS entity_key, max(prob) AS prob
  RETURN collect({entity_key: entity_key, prob: prob, n_links: 3}) AS wave3
}
CALL (run_id, weights, other, wave3) {
  UNWIND wave3 AS told
  MATCH (teller:Entity {entity_key: told.entity_key})
  WITH told, teller, weights, other, run_id,
       COUNT { (teller)-[:USES_DEVICE|USES_PHONE|HAS_ID_DOCUMENT|USES_BANK_CARD|LIVES_AT|USES_IP|USES_EMAIL|APPLIED_TO|BORROWS_FROM|TRANSFERRED_TO|GUARANTEES|LINKED_TO]-() } AS n_links
  WHERE n_links <= $hub_links
  MATCH (teller)-[r:USES_DEVICE|USES_PHONE|HAS_ID_DOCUMENT|USES_BANK_CARD|LIVES_AT|USES_IP|USES_EMAIL|APPLIED_TO|BORROWS_FROM|TRANSFERRED_TO|GUARANTEES|LINKED_TO]-(heard:Entity)
  WHERE heard.entity_key <> $entity_key AND heard.entity_key <> teller.entity_key
        AND NOT EXISTS { MATCH (heard)<-[:FLAGS]-(hub:Flag)
                         WHERE hub.run_id = run_id AND hub.flag STARTS WITH 'protected_hub:' }
  WITH told, teller, heard, weights, other, n_links,
       startNode(r).entity_key = teller.entity_key AS is_forward,
       CASE type(r) WHEN 'TRANSFERRED_TO' THEN 'transfer' WHEN 'LINKED_TO' THEN r.relation
                       ELSE toLower(type(r)) END AS relation
  WITH told, teller, heard, n_links, is_forward,
       coalesce(head([w IN weights WHERE w.relation = relation]), other) AS weight
  WITH heard, told.prob * CASE WHEN is_forward THEN weight.forward_prob ELSE weight.backward_prob END
       * CASE WHEN teller.kind = 'account' OR n_links <= $free_links THEN 1.0
              ELSE $free_links * 1.0 / n_links END AS prob
  WHERE prob >= $least_prob
  WITH heard.entity_key AS entity_key, max(prob) AS prob
  RETURN collect({entity_key: entity_key, prob: prob, n_links: 4}) AS wave4
}
UNWIND wave1 + wave2 + wave3 + wave4 AS heard
WITH run_id, heard.entity_key AS entity_key, heard.prob AS prob, heard.n_links AS n_links
WITH run_id, entity_key, prob, n_links
ORDER BY prob DESC, n_links
WITH run_id, entity_key, collect({prob: prob, n_links: n_links})[0] AS best
MATCH (a:Entity {entity_key: entity_key})<-[:DECIDES]-(decision:Decision {run_id: run_id})
WHERE decision.risk_prob > 0 AND decision.risk_prob < 1
WITH a, decision, best,
     CASE WHEN -log(1 - best.prob) * $nats_per_nat < $cap_nats THEN -log(1 - best.prob) * $nats_per_nat
          ELSE $cap_nats END AS added_nats
WITH a, decision, best, added_nats,
     1 / (1 + exp(log((1 - decision.risk_prob) / decision.risk_prob) - added_nats)) AS risk_then
WITH a, decision, best, added_nats, risk_then,
     CASE WHEN decision.risk_prob >= $close_prob THEN 4 WHEN decision.risk_prob >= $limit_prob THEN 3
          WHEN decision.risk_prob >= $review_prob THEN 2
          WHEN decision.risk_prob >= $monitor_prob THEN 1 ELSE 0 END AS rank_now,
     CASE WHEN risk_then >= $close_prob THEN 4 WHEN risk_then >= $limit_prob THEN 3
          WHEN risk_then >= $review_prob THEN 2 WHEN risk_then >= $monitor_prob THEN 1
          ELSE 0 END AS rank_then
WHERE rank_then > rank_now AND rank_then > decision.tier_rank
RETURN a.account_id AS account_id, best.n_links AS n_links, best.prob AS heard_prob,
       added_nats AS added_nats, decision.risk_prob AS risk_now, risk_then AS risk_then,
       decision.tier AS tier_now,
       ['clear', 'monitor', 'review', 'limit', 'close'][rank_then] AS tier_then
ORDER BY added_nats DESC, n_links, account_id
LIMIT $n_most
