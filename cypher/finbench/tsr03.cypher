// title: FinBench simple read 3: transfers from blocked accounts
// answers: What share of the large transfers into an account came from blocked accounts?
// access: read
// param id: integer, required · account_id
// param threshold: number, required · a transfer must be larger
// param startTime: time, required · the window opens after this moment
// param endTime: time, required · the window closes before this moment
// column blockRatio: number · by count, rounded to 3 places; -1 without a transfer in
MATCH (dst:Account {account_id: $id})
CALL (dst) {
  MATCH (dst)<-[r:TRANSFER]-(src:Account)
  WHERE $startTime < r.at_us AND r.at_us < $endTime AND r.amount > $threshold
  RETURN count(r) AS n_all, sum(CASE WHEN src.is_blocked THEN 1 ELSE 0 END) AS n_blocked
}
RETURN CASE WHEN n_all = 0 THEN -1.0 ELSE round(toFloat(n_blocked) / n_all, 3) END AS blockRatio
