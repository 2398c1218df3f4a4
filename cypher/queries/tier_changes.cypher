// title: Tier changes between two runs
// answers: Which accounts changed their tier, and which piece of evidence changed most?
// access: read
// param earlier: text, required · id of the earlier run (graphrisk query runs lists them)
// param later: text, optional · id of the later run; the current one if left out
// param n_most: integer = 200 · rows at most
// note: The evidence shown is the one whose nats changed most in the direction of the tier. A
//   store keeps no evidence of accounts that were clear, so one side may be unknown; it then counts
//   as nothing in finding the largest change. graphrisk explain --compare proves what did it.
// column account_id: text · the account
// column tier_before: text · in the earlier run
// column tier_after: text · in the later run
// column risk_before: number · in the earlier run
// column risk_after: number · in the later run
// column reason_code: text · the evidence that changed most
// column via: text · over whom it came, in the run that has it
// column nats_before: number · in the earlier run, none if not kept
// column nats_after: number · in the later run, none if not kept
OPTIONAL MATCH (current:CurrentRun {book: 'default'})
WITH coalesce($later, current.run_id) AS later
MATCH (before:Decision {run_id: $earlier})-[:DECIDES]->(a:Account)<-[:DECIDES]-(after:Decision {run_id: later})
WHERE before.tier_rank <> after.tier_rank
CALL (before, after) {
  UNWIND [before.decision_key, after.decision_key] AS decision_key
  MATCH (d:Decision {decision_key: decision_key})
  MATCH (d)<-[:SUPPORTS]-(e:Evidence)
  WHERE e.reason_code <> 'PRIOR'
  WITH before, after, e.reason_code AS code, coalesce(e.via, '') AS via, 
       CASE WHEN e.run_id = before.run_id THEN e.nats END AS was,
       CASE WHEN e.run_id = after.run_id THEN e.nats END AS now
  WITH before, after, code, max(via) AS via, sum(was) AS was, sum(now) AS now,
       count(was) AS n_was, count(now) AS n_now
  WITH code, via, CASE WHEN n_was > 0 THEN was END AS was, CASE WHEN n_now > 0 THEN now END AS now,
       (CASE WHEN n_now > 0 THEN now ELSE 0.0 END - CASE WHEN n_was > 0 THEN was ELSE 0.0 END)
       * CASE WHEN after.tier_rank > before.tier_rank THEN 1 ELSE -1 END AS moved
  ORDER BY moved DESC, code
  WITH collect({code: code, via: via, was: was, now: now}) AS changes
  RETURN changes[0] AS most
}
RETURN a.account_id AS account_id, before.tier AS tier_before, after.tier AS tier_after,
       before.risk_prob AS risk_before, after.risk_prob AS risk_after, most.code AS reason_code,
       coalesce(most.via, '') AS via, most.was AS nats_before, most.now AS nats_after
ORDER BY account_id
LIMIT $n_most
