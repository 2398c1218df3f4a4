// title: Neighbourhood of an account
// answers: What lies within two links of this account?
// access: read
// param account_id: text, required · the account to start from
// param hub_links: integer = 50 · an entity with more link records than this is a hub: it is shown,
//   and not walked through
// param n_most: integer = 200 · rows at most
// note: One row for each entity, relation and way to it; an entity may be met on several ways.
// column n_links: integer · 1 for a neighbour, 2 for a neighbour's neighbour
// column entity_key: text · kind and id
// column relation: text · the last link's relation, or its relationship in the graph
// column through: text · the entity in between, none for a neighbour
// column n_records: integer · link records that say so
// column is_hub: boolean · whether it has more link records than hub_links
// column tier: text · its tier in the current run, for an account
MATCH (start:Account {account_id: $account_id})
CALL (start) {
  MATCH (start)-[r:USES_DEVICE|USES_PHONE|HAS_ID_DOCUMENT|USES_BANK_CARD|LIVES_AT|USES_IP|USES_EMAIL|APPLIED_TO|BORROWS_FROM|TRANSFERRED_TO|GUARANTEES|LINKED_TO]-(near:Entity)
  WHERE near.entity_key <> start.entity_key
  RETURN 1 AS n_links, near AS entity, coalesce(r.relation, type(r)) AS relation, null AS through
  UNION ALL
  MATCH (start)-[:USES_DEVICE|USES_PHONE|HAS_ID_DOCUMENT|USES_BANK_CARD|LIVES_AT|USES_IP|USES_EMAIL|APPLIED_TO|BORROWS_FROM|TRANSFERRED_TO|GUARANTEES|LINKED_TO]-(middle:Entity)
  WHERE middle.entity_key <> start.entity_key
  WITH DISTINCT start, middle
  WHERE COUNT { (middle)-[:USES_DEVICE|USES_PHONE|HAS_ID_DOCUMENT|USES_BANK_CARD|LIVES_AT|USES_IP|USES_EMAIL|APPLIED_TO|BORROWS_FROM|TRANSFERRED_TO|GUARANTEES|LINKED_TO]-() } <= $hub_links
  MATCH (middle)-[r:USES_DEVICE|USES_PHONE|HAS_ID_DOCUMENT|USES_BANK_CARD|LIVES_AT|USES_IP|USES_EMAIL|APPLIED_TO|BORROWS_FROM|TRANSFERRED_TO|GUARANTEES|LINKED_TO]-(far:Entity)
  WHERE far.entity_key <> start.entity_key AND far.entity_key <> middle.entity_key
  RETURN 2 AS n_links, far AS entity, coalesce(r.relation, type(r)) AS relation,
         middle.entity_key AS through
}
WITH n_links, entity, relation, through, count(*) AS n_records
OPTIONAL MATCH (current:CurrentRun {book: 'default'})
OPTIONAL MATCH (entity)<-[:DECIDES]-(decision:Decision {run_id: current.run_id})
RETURN n_links AS n_links, entity.entity_key AS entity_key, relation AS relation, through AS through,
       n_records AS n_records,
       COUNT { (entity)-[:USES_DEVICE|USES_PHONE|HAS_ID_DOCUMENT|USES_BANK_CARD|LIVES_AT|USES_IP|USES_EMAIL|APPLIED_TO|BORROWS_FROM|TRANSFERRED_TO|GUARANTEES|LINKED_TO]-() } > $hub_links AS is_hub,
       decision.tier AS tier
ORDER BY n_links, entity_key, relation, through
LIMIT $n_most
