// title: Rings
// answers: Which groups of accounts share two or more identifiers with one another?
// access: read
// param n_accounts: integer = 3 · accounts of the smallest ring
// param hub_links: integer = 50 · an identifier with more link records than this makes no ring
// param n_most: integer = 100 · rows at most
// note: A ring is all accounts that have some two identifiers in common, with all identifiers of
//   which two make that same group. A part of a ring that shares more is a row of its own.
// column n_accounts: integer · how many they are
// column n_shared: integer · identifiers that make the ring
// column account_ids: list of text · the accounts
// column shared: list of text · the identifiers
MATCH (one:Entity)-[:USES_DEVICE|USES_PHONE|HAS_ID_DOCUMENT|USES_BANK_CARD|LIVES_AT|USES_IP|USES_EMAIL|LINKED_TO]-(a:Account)
WHERE NOT one.kind IN ['account', 'lender']
WITH one, count(DISTINCT a) AS n_users
WHERE n_users >= $n_accounts
      AND COUNT { (one)-[:USES_DEVICE|USES_PHONE|HAS_ID_DOCUMENT|USES_BANK_CARD|LIVES_AT|USES_IP|USES_EMAIL|LINKED_TO]-() } <= $hub_links
MATCH (one)-[:USES_DEVICE|USES_PHONE|HAS_ID_DOCUMENT|USES_BANK_CARD|LIVES_AT|USES_IP|USES_EMAIL|LINKED_TO]-(a:Account)-[:USES_DEVICE|USES_PHONE|HAS_ID_DOCUMENT|USES_BANK_CARD|LIVES_AT|USES_IP|USES_EMAIL|LINKED_TO]-(two:Entity)
WHERE NOT two.kind IN ['account', 'lender'] AND one.entity_key < two.entity_key
      AND COUNT { (two)-[:USES_DEVICE|USES_PHONE|HAS_ID_DOCUMENT|USES_BANK_CARD|LIVES_AT|USES_IP|USES_EMAIL|LINKED_TO]-() } <= $hub_links
WITH DISTINCT one.entity_key AS one, two.entity_key AS two, a.account_id AS account_id
ORDER BY account_id
WITH one, two, collect(account_id) AS account_ids
WHERE size(account_ids) >= $n_accounts
UNWIND [one, two] AS thing_key
WITH DISTINCT account_ids, thing_key
ORDER BY thing_key
WITH account_ids, collect(thing_key) AS shared
RETURN size(account_ids) AS n_accounts, size(shared) AS n_shared, account_ids AS account_ids,
       shared AS shared
ORDER BY n_accounts DESC, n_shared DESC, account_ids
LIMIT $n_most
