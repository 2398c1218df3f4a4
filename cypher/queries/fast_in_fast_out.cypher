// title: Fast in, fast out
// answers: Which money came in and left again within hours?
// access: read
// param window_hours: number = 24 · hours from the receipt to the last payment that counts
// param passed_on_share: number = 0.8 · share of the receipt that has to have left
// param since: time, optional · leave out earlier receipts
// param until: time, optional · leave out receipts from then on
// param hub_links: integer = 1000 · an account with more transfers than this is left out
// param n_most: integer = 100 · rows at most
// note: One row a receipt. A payment may count for several receipts here; the analysis takes each
//   payment from one receipt only (signals.fast_in_fast_out).
// column account_id: text · through whom it went
// column received_at: time · when it came
// column received_minor: integer · how much, in minor units
// column currency: text · of both, none if unknown
// column from_account_id: text · from whom
// column sent_minor: integer · how much left within the window
// column n_sent: integer · in how many payments
// column last_sent_at: time · the last of them
MATCH (sender:Account)-[r:TRANSFERRED_TO]->(a:Account)
WHERE sender.account_id <> a.account_id AND r.amount_minor > 0 AND r.at_us IS NOT NULL
      AND ($since IS NULL OR r.at_us >= $since) AND ($until IS NULL OR r.at_us < $until)
      AND COUNT { (a)-[:TRANSFERRED_TO]-() } <= $hub_links
MATCH (a)-[s:TRANSFERRED_TO]->(receiver:Account)
WHERE receiver.account_id <> a.account_id AND s.amount_minor > 0 AND s.at_us >= r.at_us
      AND s.at_us <= r.at_us + $window_hours * 3600000000
      AND coalesce(s.currency, '') = coalesce(r.currency, '')
WITH sender, a, r, sum(s.amount_minor) AS sent_minor, count(s) AS n_sent,
     max(s.at_us) AS last_sent_at
WHERE sent_minor >= $passed_on_share * r.amount_minor
RETURN a.account_id AS account_id, r.at_us AS received_at, r.amount_minor AS received_minor,
       r.currency AS currency, sender.account_id AS from_account_id, sent_minor AS sent_minor,
       n_sent AS n_sent, last_sent_at AS last_sent_at
ORDER BY received_minor DESC, received_at, account_id, from_account_id, currency
LIMIT $n_most
