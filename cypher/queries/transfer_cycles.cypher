// title: Transfer cycles in rising time
// answers: Which money went around and came back, each payment after the one before?
// access: read
// param window_days: number = 30 · days from the first payment to the last
// param since: time, optional · leave out cycles that begin earlier
// param until: time, optional · leave out cycles that begin from then on
// param hub_links: integer = 100 · an account with more transfers than this is in no cycle
// param n_most: integer = 200 · rows at most
// note: Cycles of two to five accounts, each account once. A cycle is listed once, from its first
//   payment; each choice of payments is a row. Amounts are not compared.
// column n_links: integer · payments
// column account_ids: list of text · in the order of the payments
// column sent_at: list of time · when each was sent
// column amounts_minor: list of integer · how much, in minor units, none where unknown
// column currencies: list of text · of each, none where unknown
CALL () {
  MATCH (a:Account)-[r1:TRANSFERRED_TO]->(b:Account)-[r2:TRANSFERRED_TO]->(a)
  WHERE ($since IS NULL OR r1.at_us >= $since) AND ($until IS NULL OR r1.at_us < $until)
        AND r1.at_us < r2.at_us AND r2.at_us <= r1.at_us + $window_days * 86400000000
        AND a.account_id <> b.account_id AND COUNT { (a)-[:TRANSFERRED_TO]-() } <= $hub_links
        AND COUNT { (b)-[:TRANSFERRED_TO]-() } <= $hub_links
  RETURN [a.account_id, b.account_id] AS account_ids,
         [r1.at_us, r2.at_us] AS sent_at,
         [r1.amount_minor, r2.amount_minor] AS amounts_minor,
         [r1.currency, r2.currency] AS currencies
  UNION ALL
  MATCH (a:Account)-[r1:TRANSFERRED_TO]->(b:Account)-[r2:TRANSFERRED_TO]->
        (c:Account)-[r3:TRANSFERRED_TO]->(a)
  WHERE ($since IS NULL OR r1.at_us >= $since) AND ($until IS NULL OR r1.at_us < $until)
        AND r1.at_us < r2.at_us AND r2.at_us < r3.at_us
        AND r3.at_us <= r1.at_us + $window_days * 86400000000 AND a.account_id <> b.account_id
        AND a.account_id <> c.account_id AND b.account_id <> c.account_id
        AND COUNT { (a)-[:TRANSFERRED_TO]-() } <= $hub_links
        AND COUNT { (b)-[:TRANSFERRED_TO]-() } <= $hub_links
        AND COUNT { (c)-[:TRANSFERRED_TO]-() } <= $hub_links
  RETURN [a.account_id, b.account_id, c.account_id] AS account_ids,
         [r1.at_us, r2.at_us, r3.at_us] AS sent_at,
         [r1.amount_minor, r2.amount_minor, r3.amount_minor] AS amounts_minor,
         [r1.currency, r2.currency, r3.currency] AS currencies
  UNION ALL
  MATCH (a:Account)-[r1:TRANSFERRED_TO]->(b:Account)-[r2:TRANSFERRED_TO]->
        (c:Account)-[r3:TRANSFERRED_TO]->(d:Account)-[r4:TRANSFERRED_TO]->(a)
  WHERE ($since IS NULL OR r1.at_us >= $since) AND ($until IS NULL OR r1.at_us < $until)
        AND r1.at_us < r2.at_us AND r2.at_us < r3.at_us AND r3.at_us < r4.at_us
        AND r4.at_us <= r1.at_us + $window_days * 86400000000 AND a.account_id <> b.account_id
        AND a.account_id <> c.account_id AND a.account_id <> d.account_id
        AND b.account_id <> c.account_id AND b.account_id <> d.account_id
        AND c.account_id <> d.account_id AND COUNT { (a)-[:TRANSFERRED_TO]-() } <= $hub_links
        AND COUNT { (b)-[:TRANSFERRED_TO]-() } <= $hub_links
        AND COUNT { (c)-[:TRANSFERRED_TO]-() } <= $hub_links
        AND COUNT { (d)-[:TRANSFERRED_TO]-() } <= $hub_links
  RETURN [a.account_id, b.account_id, c.account_id, d.account_id] AS account_ids,
         [r1.at_us, r2.at_us, r3.at_us, r4.at_us] AS sent_at,
         [r1.amount_minor, r2.amount_minor, r3.amount_minor, r4.amount_minor] AS amounts_minor,
         [r1.currency, r2.currency, r3.currency, r4.currency] AS currencies
  UNION ALL
  MATCH (a:Account)-[r1:TRANSFERRED_TO]->(b:Account)-[r2:TRANSFERRED_TO]->
        (c:Account)-[r3:TRANSFERRED_TO]->(d:Account)-[r4:TRANSFERRED_TO]->(e:Account)-[r5:TRANSFERRED_TO]->(a)
  WHERE ($since IS NULL OR r1.at_us >= $since) AND ($until IS NULL OR r1.at_us < $until)
        AND r1.at_us < r2.at_us AND r2.at_us < r3.at_us AND r3.at_us < r4.at_us
        AND r4.at_us < r5.at_us AND r5.at_us <= r1.at_us + $window_days * 86400000000
        AND a.account_id <> b.account_id AND a.account_id <> c.account_id
        AND a.account_id <> d.account_id AND a.account_id <> e.account_id
        AND b.account_id <> c.account_id AND b.account_id <> d.account_id
        AND b.account_id <> e.account_id AND c.account_id <> d.account_id
        AND c.account_id <> e.account_id AND d.account_id <> e.account_id
        AND COUNT { (a)-[:TRANSFERRED_TO]-() } <= $hub_links
        AND COUNT { (b)-[:TRANSFERRED_TO]-() } <= $hub_links
        AND COUNT { (c)-[:TRANSFERRED_TO]-() } <= $hub_links
        AND COUNT { (d)-[:TRANSFERRED_TO]-() } <= $hub_links
        AND COUNT { (e)-[:TRANSFERRED_TO]-() } <= $hub_links
  RETURN [a.account_id, b.account_id, c.account_id, d.account_id, e.account_id] AS account_ids,
         [r1.at_us, r2.at_us, r3.at_us, r4.at_us, r5.at_us] AS sent_at,
         [r1.amount_minor, r2.amount_minor, r3.amount_minor, r4.amount_minor, r5.amount_minor] AS amounts_minor,
         [r1.currency, r2.currency, r3.currency, r4.currency, r5.currency] AS currencies
}
RETURN size(account_ids) AS n_links, account_ids AS account_ids, sent_at AS sent_at,
       amounts_minor AS amounts_minor, currencies AS currencies
ORDER BY n_links, sent_at, account_ids, amounts_minor, currencies
LIMIT $n_most
