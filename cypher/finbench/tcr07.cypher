// title: FinBench complex read 7: transfer in/out ratio
// answers: From how many and to how many accounts did large transfers go through this one, and at
//   what ratio?
// access: read
// param id: integer, required · account_id of the account in the middle
// param threshold: number, required · a transfer must be larger
// param startTime: time, required · the window opens after this moment
// param endTime: time, required · the window closes before this moment
// param truncationLimit: integer, required · edges kept at each step, at most
// param truncationOrder: text, required · TIMESTAMP_ASCENDING keeps the oldest,
//   TIMESTAMP_DESCENDING the newest; there is no answer to another word
// column numSrc: integer · distinct accounts that paid in
// column numDst: integer · distinct accounts that were paid
// column inOutRatio: number · amount in over amount out, rounded to 3 places; -1 if nothing went
//   out
MATCH (mid:Account {account_id: $id})
WHERE $truncationOrder IN ['TIMESTAMP_ASCENDING', 'TIMESTAMP_DESCENDING']
CALL (mid) {
  MATCH (mid)<-[r:TRANSFER]-(src:Account)
  WHERE $startTime < r.at_us AND r.at_us < $endTime AND r.amount > $threshold
  WITH src, r
  ORDER BY CASE $truncationOrder WHEN 'TIMESTAMP_ASCENDING' THEN r.at_us ELSE -r.at_us END,
           src.account_id, r.amount
  LIMIT $truncationLimit
  RETURN count(DISTINCT src) AS n_sources, sum(r.amount) AS amount_in
}
CALL (mid) {
  MATCH (mid)-[r:TRANSFER]->(dst:Account)
  WHERE $startTime < r.at_us AND r.at_us < $endTime AND r.amount > $threshold
  WITH dst, r
  ORDER BY CASE $truncationOrder WHEN 'TIMESTAMP_ASCENDING' THEN r.at_us ELSE -r.at_us END,
           dst.account_id, r.amount
  LIMIT $truncationLimit
  RETURN count(DISTINCT dst) AS n_targets, sum(r.amount) AS amount_out
}
RETURN n_sources AS numSrc, n_targets AS numDst,
       CASE WHEN amount_out = 0 THEN -1.0
            ELSE round(amount_in / toFloat(amount_out), 3) END AS inOutRatio
