// title: FinBench complex read 5: transfer traces
// answers: Which traces of up to three transfers of rising time leave this person's accounts?
// access: read
// param id: integer, required · person_id of the owner
// param startTime: time, required · the window opens after this moment
// param endTime: time, required · the window closes before this moment
// param truncationLimit: integer, required · edges kept at each step, at most
// param truncationOrder: text, required · TIMESTAMP_ASCENDING keeps the oldest,
//   TIMESTAMP_DESCENDING the newest; there is no answer to another word
// column path: list of integer · account_id of each account on the trace, none of them twice

// Transfers between the same accounts are the same trace, so the earliest arrival stands for it.
MATCH (:Person {person_id: $id})-[:OWN]->(a:Account)
WHERE $truncationOrder IN ['TIMESTAMP_ASCENDING', 'TIMESTAMP_DESCENDING']
WITH collect(DISTINCT a) AS accounts
WITH [a IN accounts | {trace: [a.account_id], account: a, at_us: $startTime}] AS hop0
CALL (hop0) {
  UNWIND hop0 AS one
  WITH one.trace AS trace, one.account AS a, one.at_us AS since_us
  CALL (a) {
    MATCH (a)-[r:TRANSFER]->(b:Account)
    WHERE $startTime < r.at_us AND r.at_us < $endTime
    RETURN b, r.at_us AS at_us
    ORDER BY CASE $truncationOrder WHEN 'TIMESTAMP_ASCENDING' THEN r.at_us ELSE -r.at_us END,
             b.account_id, r.amount
    LIMIT $truncationLimit
  }
  WITH trace, b, at_us, since_us
  WHERE at_us > since_us AND NOT b.account_id IN trace
  WITH trace, b, min(at_us) AS at_us
  RETURN collect({trace: trace + [b.account_id], account: b, at_us: at_us}) AS hop1
}
CALL (hop1) {
  UNWIND hop1 AS one
  WITH one.trace AS trace, one.account AS a, one.at_us AS since_us
  CALL (a) {
    MATCH (a)-[r:TRANSFER]->(b:Account)
    WHERE $startTime < r.at_us AND r.at_us < $endTime
    RETURN b, r.at_us AS at_us
    ORDER BY CASE $truncationOrder WHEN 'TIMESTAMP_ASCENDING' THEN r.at_us ELSE -r.at_us END,
             b.account_id, r.amount
    LIMIT $truncationLimit
  }
  WITH trace, b, at_us, since_us
  WHERE at_us > since_us AND NOT b.account_id IN trace
  WITH trace, b, min(at_us) AS at_us
  RETURN collect({trace: trace + [b.account_id], account: b, at_us: at_us}) AS hop2
}
CALL (hop2) {
  UNWIND hop2 AS one
  WITH one.trace AS trace, one.account AS a, one.at_us AS since_us
  CALL (a) {
    MATCH (a)-[r:TRANSFER]->(b:Account)
    WHERE $startTime < r.at_us AND r.at_us < $endTime
    RETURN b, r.at_us AS at_us
    ORDER BY CASE $truncationOrder WHEN 'TIMESTAMP_ASCENDING' THEN r.at_us ELSE -r.at_us END,
             b.account_id, r.amount
    LIMIT $truncationLimit
  }
  WITH trace, b, at_us, since_us
  WHERE at_us > since_us AND NOT b.account_id IN trace
  WITH trace, b, min(at_us) AS at_us
  RETURN collect({trace: trace + [b.account_id], account: b, at_us: at_us}) AS hop3
}
UNWIND hop1 + hop2 + hop3 AS one
WITH one.trace AS trace
RETURN trace AS path
ORDER BY size(trace) DESC, trace[0], trace[1], trace[2], trace[3]
