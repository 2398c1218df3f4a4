// title: FinBench complex read 1: accounts near a blocked medium
// answers: Which accounts, up to three transfers of rising time away, did a blocked medium sign
//   in?
// access: read
// param id: integer, required · account_id of the account that the money leaves
// param startTime: time, required · the window opens after this moment
// param endTime: time, required · the window closes before this moment
// param truncationLimit: integer, required · edges kept at each step, at most
// param truncationOrder: text, required · TIMESTAMP_ASCENDING keeps the oldest,
//   TIMESTAMP_DESCENDING the newest; there is no answer to another word
// column otherId: integer · account_id of the account reached
// column accountDistance: integer · transfers from the start; an account may be at several
// column mediumId: integer · medium_id of the blocked medium
// column mediumType: text · its medium_type

// From step to step only the earliest arrival at an account matters: what leaves it after a later
// arrival leaves it after the earliest too.
MATCH (start:Account {account_id: $id})
WHERE $truncationOrder IN ['TIMESTAMP_ASCENDING', 'TIMESTAMP_DESCENDING']
WITH start, [{account: start, at_us: $startTime}] AS hop0
CALL (hop0) {
  UNWIND hop0 AS one
  WITH one.account AS a, one.at_us AS since_us
  CALL (a) {
    MATCH (a)-[r:TRANSFER]->(b:Account)
    WHERE $startTime < r.at_us AND r.at_us < $endTime
    RETURN b, r.at_us AS at_us
    ORDER BY CASE $truncationOrder WHEN 'TIMESTAMP_ASCENDING' THEN r.at_us ELSE -r.at_us END,
             b.account_id, r.amount
    LIMIT $truncationLimit
  }
  WITH b, at_us, since_us
  WHERE at_us > since_us
  WITH b, min(at_us) AS at_us
  RETURN collect({account: b, at_us: at_us}) AS hop1
}
CALL (hop1) {
  UNWIND hop1 AS one
  WITH one.account AS a, one.at_us AS since_us
  CALL (a) {
    MATCH (a)-[r:TRANSFER]->(b:Account)
    WHERE $startTime < r.at_us AND r.at_us < $endTime
    RETURN b, r.at_us AS at_us
    ORDER BY CASE $truncationOrder WHEN 'TIMESTAMP_ASCENDING' THEN r.at_us ELSE -r.at_us END,
             b.account_id, r.amount
    LIMIT $truncationLimit
  }
  WITH b, at_us, since_us
  WHERE at_us > since_us
  WITH b, min(at_us) AS at_us
  RETURN collect({account: b, at_us: at_us}) AS hop2
}
CALL (hop2) {
  UNWIND hop2 AS one
  WITH one.account AS a, one.at_us AS since_us
  CALL (a) {
    MATCH (a)-[r:TRANSFER]->(b:Account)
    WHERE $startTime < r.at_us AND r.at_us < $endTime
    RETURN b, r.at_us AS at_us
    ORDER BY CASE $truncationOrder WHEN 'TIMESTAMP_ASCENDING' THEN r.at_us ELSE -r.at_us END,
             b.account_id, r.amount
    LIMIT $truncationLimit
  }
  WITH b, at_us, since_us
  WHERE at_us > since_us
  WITH b, min(at_us) AS at_us
  RETURN collect({account: b, at_us: at_us}) AS hop3
}
UNWIND [
  {distance: 1, reached: hop1}, {distance: 2, reached: hop2}, {distance: 3, reached: hop3}
] AS hop
UNWIND hop.reached AS one
WITH start, hop.distance AS distance, one.account AS other
WHERE other <> start
MATCH (other)<-[s:SIGN_IN]-(m:Medium {is_blocked: true})
WHERE $startTime < s.at_us AND s.at_us < $endTime
RETURN DISTINCT other.account_id AS otherId, distance AS accountDistance,
       m.medium_id AS mediumId, m.medium_type AS mediumType
ORDER BY accountDistance, otherId, mediumId
