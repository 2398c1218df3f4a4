// title: Remove the node of a run
// answers: Takes the run's own node away, when its decisions are gone.
// access: write
// param run_id: text, required · the run
MATCH (r:Run {run_id: $run_id})
DELETE r
