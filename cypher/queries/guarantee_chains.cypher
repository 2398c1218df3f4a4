// title: Guarantee chains
// answers: Whose guarantor needs a guarantor, from the first to the last?
// access: read
// param n_links: integer = 2 · guarantees of the shortest chain
// param hub_links: integer = 50 · an account that guarantees more often than this is in no chain
// param n_most: integer = 200 · rows at most
// note: From an account that nobody guarantees to one that guarantees nobody, over two to six
//   guarantees, each account once. What runs into a circle is in guarantee_circles.
// column n_links: integer · guarantees in the chain
// column account_ids: list of text · the guarantor first, the last borrower last
CALL () {
  MATCH (a:Account)-[:GUARANTEES]->(b:Account)-[:GUARANTEES]->(c:Account)
  WHERE NOT EXISTS { (:Account)-[:GUARANTEES]->(a) }
        AND NOT EXISTS { (c)-[:GUARANTEES]->(:Account) }
        AND COUNT { (a)-[:GUARANTEES]->() } <= $hub_links
        AND COUNT { (b)-[:GUARANTEES]->() } <= $hub_links
  RETURN [a.account_id, b.account_id, c.account_id] AS account_ids
  UNION ALL
  MATCH (a:Account)-[:GUARANTEES]->(b:Account)-[:GUARANTEES]->(c:Account)-[:GUARANTEES]->
        (d:Account)
  WHERE NOT EXISTS { (:Account)-[:GUARANTEES]->(a) }
        AND NOT EXISTS { (d)-[:GUARANTEES]->(:Account) } AND b.account_id <> c.account_id
        AND COUNT { (a)-[:GUARANTEES]->() } <= $hub_links
        AND COUNT { (b)-[:GUARANTEES]->() } <= $hub_links
        AND COUNT { (c)-[:GUARANTEES]->() } <= $hub_links
  RETURN [a.account_id, b.account_id, c.account_id, d.account_id] AS account_ids
  UNION ALL
  MATCH (a:Account)-[:GUARANTEES]->(b:Account)-[:GUARANTEES]->(c:Account)-[:GUARANTEES]->
        (d:Account)-[:GUARANTEES]->(e:Account)
  WHERE NOT EXISTS { (:Account)-[:GUARANTEES]->(a) }
        AND NOT EXISTS { (e)-[:GUARANTEES]->(:Account) } AND b.account_id <> c.account_id
        AND b.account_id <> d.account_id AND c.account_id <> d.account_id
        AND COUNT { (a)-[:GUARANTEES]->() } <= $hub_links
        AND COUNT { (b)-[:GUARANTEES]->() } <= $hub_links
        AND COUNT { (c)-[:GUARANTEES]->() } <= $hub_links
        AND COUNT { (d)-[:GUARANTEES]->() } <= $hub_links
  RETURN [a.account_id, b.account_id, c.account_id, d.account_id, e.account_id] AS account_ids
  UNION ALL
  MATCH (a:Account)-[:GUARANTEES]->(b:Account)-[:GUARANTEES]->(c:Account)-[:GUARANTEES]->
        (d:Account)-[:GUARANTEES]->(e:Account)-[:GUARANTEES]->(f:Account)
  WHERE NOT EXISTS { (:Account)-[:GUARANTEES]->(a) }
        AND NOT EXISTS { (f)-[:GUARANTEES]->(:Account) } AND b.account_id <> c.account_id
        AND b.account_id <> d.account_id AND b.account_id <> e.account_id
        AND c.account_id <> d.account_id AND c.account_id <> e.account_id
        AND d.account_id <> e.account_id AND COUNT { (a)-[:GUARANTEES]->() } <= $hub_links
        AND COUNT { (b)-[:GUARANTEES]->() } <= $hub_links
        AND COUNT { (c)-[:GUARANTEES]->() } <= $hub_links
        AND COUNT { (d)-[:GUARANTEES]->() } <= $hub_links
        AND COUNT { (e)-[:GUARANTEES]->() } <= $hub_links
  RETURN [a.account_id, b.account_id, c.account_id, d.account_id, e.account_id, f.account_id] AS account_ids
  UNION ALL
  MATCH (a:Account)-[:GUARANTEES]->(b:Account)-[:GUARANTEES]->(c:Account)-[:GUARANTEES]->
        (d:Account)-[:GUARANTEES]->(e:Account)-[:GUARANTEES]->(f:Account)-[:GUARANTEES]->(g:Account)
  WHERE NOT EXISTS { (:Account)-[:GUARANTEES]->(a) }
        AND NOT EXISTS { (g)-[:GUARANTEES]->(:Account) } AND b.account_id <> c.account_id
        AND b.account_id <> d.account_id AND b.account_id <> e.account_id
        AND b.account_id <> f.account_id AND c.account_id <> d.account_id
        AND c.account_id <> e.account_id AND c.account_id <> f.account_id
        AND d.account_id <> e.account_id AND d.account_id <> f.account_id
        AND e.account_id <> f.account_id AND COUNT { (a)-[:GUARANTEES]->() } <= $hub_links
        AND COUNT { (b)-[:GUARANTEES]->() } <= $hub_links
        AND COUNT { (c)-[:GUARANTEES]->() } <= $hub_links
        AND COUNT { (d)-[:GUARANTEES]->() } <= $hub_links
        AND COUNT { (e)-[:GUARANTEES]->() } <= $hub_links
        AND COUNT { (f)-[:GUARANTEES]->() } <= $hub_links
  RETURN [a.account_id, b.account_id, c.account_id, d.account_id, e.account_id, f.account_id, g.account_id] AS account_ids
}
WITH DISTINCT account_ids
WHERE size(account_ids) > $n_links
RETURN size(account_ids) - 1 AS n_links, account_ids AS account_ids
ORDER BY n_links DESC, account_ids
LIMIT $n_most
