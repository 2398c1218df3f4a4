// title: Accounts sharing identifiers
// answers: Which accounts share the most identifiers with this one?
// access: read
// param account_id: text, required · the account to start from
// param hub_links: integer = 50 · an identifier with more link records than this is a hub: it
//   leads to nobody, and is named where it is shared besides
// param n_most: integer = 50 · rows at most
// column account_id: text · the other account
// column n_shared: integer · identifiers shared, hubs left out
// column shared: list of text · those identifiers
// column shared_hubs: list of text · hubs that both use; they prove little
// column both_since_at: time · since when both were seen with one same identifier, if known
// column tier: text · the other's tier in the current run
MATCH (start:Account {account_id: $account_id})-[r:USES_DEVICE|USES_PHONE|HAS_ID_DOCUMENT|USES_BANK_CARD|LIVES_AT|USES_IP|USES_EMAIL|LINKED_TO]-(thing:Entity)
WHERE NOT thing.kind IN ['account', 'lender']
WITH start, thing, min(coalesce(r.first_seen_at_us, r.last_seen_at_us, r.observed_at_us)) AS seen_at,
     COUNT { (thing)-[:USES_DEVICE|USES_PHONE|HAS_ID_DOCUMENT|USES_BANK_CARD|LIVES_AT|USES_IP|USES_EMAIL|LINKED_TO]-() } > $hub_links AS is_hub
WITH start, collect(CASE WHEN is_hub THEN thing.entity_key END) AS hubs,
     collect(CASE WHEN NOT is_hub THEN {thing_key: thing.entity_key, seen_at: seen_at} END) AS uses
UNWIND uses AS use
MATCH (thing:Entity {entity_key: use.thing_key})-[r:USES_DEVICE|USES_PHONE|HAS_ID_DOCUMENT|USES_BANK_CARD|LIVES_AT|USES_IP|USES_EMAIL|LINKED_TO]-(other:Account)
WHERE other.account_id <> start.account_id
WITH other, hubs, use.thing_key AS thing_key, use.seen_at AS here_at,
     min(coalesce(r.first_seen_at_us, r.last_seen_at_us, r.observed_at_us)) AS there_at
WITH other, hubs, thing_key,
     CASE WHEN here_at > there_at THEN here_at WHEN there_at >= here_at THEN there_at END AS both_at
ORDER BY thing_key
WITH other, hubs, collect(thing_key) AS shared, min(both_at) AS both_since_at
CALL (other, hubs) {
  MATCH (other)-[:USES_DEVICE|USES_PHONE|HAS_ID_DOCUMENT|USES_BANK_CARD|LIVES_AT|USES_IP|USES_EMAIL|LINKED_TO]-(hub:Entity)
  WHERE hub.entity_key IN hubs
  WITH DISTINCT hub.entity_key AS hub_key ORDER BY hub_key
  RETURN collect(hub_key) AS shared_hubs
}
OPTIONAL MATCH (current:CurrentRun {book: 'default'})
OPTIONAL MATCH (other)<-[:DECIDES]-(decision:Decision {run_id: current.run_id})
RETURN other.account_id AS account_id, size(shared) AS n_shared, shared AS shared,
       shared_hubs AS shared_hubs, both_since_at AS both_since_at, decision.tier AS tier
ORDER BY n_shared DESC, account_id
LIMIT $n_most
