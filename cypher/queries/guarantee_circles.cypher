// title: Guarantee circles
// answers: Who stands guarantor for one another around a circle?
// access: read
// param n_links: integer = 2 · guarantees of the smallest circle; a couple may guarantee each other
// param hub_links: integer = 50 · an account that guarantees more often than this is in no circle
// param n_most: integer = 200 · rows at most
// note: Circles of two to six accounts, each account once; more than one guarantee from one to
//   another counts as one.
// column n_links: integer · guarantees in the circle
// column account_ids: list of text · from the first by id, in the order of the guarantees
CALL () {
  MATCH (a:Account)-[:GUARANTEES]->(b:Account)-[:GUARANTEES]->(a)
  WHERE a.account_id < b.account_id AND COUNT { (a)-[:GUARANTEES]->() } <= $hub_links
        AND COUNT { (b)-[:GUARANTEES]->() } <= $hub_links
  RETURN [a.account_id, b.account_id] AS account_ids
  UNION ALL
  MATCH (a:Account)-[:GUARANTEES]->(b:Account)-[:GUARANTEES]->(c:Account)-[:GUARANTEES]->(a)
  WHERE a.account_id < b.account_id AND a.account_id < c.account_id
        AND b.account_id <> c.account_id AND COUNT { (a)-[:GUARANTEES]->() } <= $hub_links
        AND COUNT { (b)-[:GUARANTEES]->() } <= $hub_links
        AND COUNT { (c)-[:GUARANTEES]->() } <= $hub_links
  RETURN [a.account_id, b.account_id, c.account_id] AS account_ids
  UNION ALL
  MATCH (a:Account)-[:GUARANTEES]->(b:Account)-[:GUARANTEES]->(c:Account)-[:GUARANTEES]->
        (d:Account)-[:GUARANTEES]->(a)
  WHERE a.account_id < b.account_id AND a.account_id < c.account_id
        AND a.account_id < d.account_id AND b.account_id <> c.account_id
        AND b.account_id <> d.account_id AND c.account_id <> d.account_id
        AND COUNT { (a)-[:GUARANTEES]->() } <= $hub_links
        AND COUNT { (b)-[:GUARANTEES]->() } <= $hub_links
        AND COUNT { (c)-[:GUARANTEES]->() } <= $hub_links
        AND COUNT { (d)-[:GUARANTEES]->() } <= $hub_links
  RETURN [a.account_id, b.account_id, c.account_id, d.account_id] AS account_ids
  UNION ALL
  MATCH (a:Account)-[:GUARANTEES]->(b:Account)-[:GUARANTEES]->(c:Account)-[:GUARANTEES]->
        (d:Account)-[:GUARANTEES]->(e:Account)-[:GUARANTEES]->(a)
  WHERE a.account_id < b.account_id AND a.account_id < c.account_id
        AND a.account_id < d.account_id AND a.account_id < e.account_id
        AND b.account_id <> c.account_id AND b.account_id <> d.account_id
        AND b.account_id <> e.account_id AND c.account_id <> d.account_id
        AND c.account_id <> e.account_id AND d.account_id <> e.account_id
        AND COUNT { (a)-[:GUARANTEES]->() } <= $hub_links
        AND COUNT { (b)-[:GUARANTEES]->() } <= $hub_links
        AND COUNT { (c)-[:GUARANTEES]->() } <= $hub_links
        AND COUNT { (d)-[:GUARANTEES]->() } <= $hub_links
        AND COUNT { (e)-[:GUARANTEES]->() } <= $hub_links
  RETURN [a.account_id, b.account_id, c.account_id, d.account_id, e.account_id] AS account_ids
  UNION ALL
  MATCH (a:Account)-[:GUARANTEES]->(b:Account)-[:GUARANTEES]->(c:Account)-[:GUARANTEES]->
        (d:Account)-[:GUARANTEES]->(e:Account)-[:GUARANTEES]->(f:Account)-[:GUARANTEES]->(a)
  WHERE a.account_id < b.account_id AND a.account_id < c.account_id
        AND a.account_id < d.account_id AND a.account_id < e.account_id
        AND a.account_id < f.account_id AND b.account_id <> c.account_id
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
  RETURN [a.account_id, b.account_id, c.account_id, d.account_id, e.account_id, f.account_id] AS account_ids
}
WITH DISTINCT account_ids
WHERE size(account_ids) >= $n_links
RETURN size(account_ids) AS n_links, account_ids AS account_ids
ORDER BY n_links, account_ids
LIMIT $n_most
