// title: Is a run of this store needed no more?
// answers: Which run was this scheduled run, if no other scheduled run and no pointer shows to it?
// access: read
// param run: text, required · the scheduled run
// column run_id: text · the run of this store
MATCH (r:PublishedRun {run: $run})
OPTIONAL MATCH (other:PublishedRun {run_id: r.run_id})
WHERE other.run <> $run
OPTIONAL MATCH (c:CurrentRun {run_id: r.run_id})
WITH r, count(other) + count(c) AS n_needed
WHERE n_needed = 0
RETURN r.run_id AS run_id
