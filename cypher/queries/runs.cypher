// title: Runs
// answers: Which analyses does the store hold, and how did each decide?
// access: read
// param n_most: integer = 50 · rows at most
// column run_id: text · the run
// column as_of: time · the moment it was made for
// column is_current: boolean · whether it is the one that other questions look at
// column policy_hash: text · the policy it was decided by
// column n_clear: integer · accounts in this tier
// column n_monitor: integer · the same
// column n_review: integer · the same
// column n_limit: integer · the same
// column n_close: integer · the same
MATCH (run:Run)
OPTIONAL MATCH (current:CurrentRun {book: 'default'})
OPTIONAL MATCH (decision:Decision {run_id: run.run_id})
WITH run, coalesce(current.run_id = run.run_id, false) AS is_current,
     collect(decision.tier) AS tiers
RETURN run.run_id AS run_id, run.as_of_us AS as_of, is_current AS is_current,
       run.policy_hash AS policy_hash,
       size([tier IN tiers WHERE tier = 'clear']) AS n_clear,
       size([tier IN tiers WHERE tier = 'monitor']) AS n_monitor,
       size([tier IN tiers WHERE tier = 'review']) AS n_review,
       size([tier IN tiers WHERE tier = 'limit']) AS n_limit,
       size([tier IN tiers WHERE tier = 'close']) AS n_close
ORDER BY as_of DESC, run_id
LIMIT $n_most
