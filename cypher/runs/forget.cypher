// title: Forget a run that was never finished
// answers: Takes away the note that it was begun.
// access: write
// param run_id: text, required · the run
MATCH (p:PendingRun {run_id: $run_id})
DELETE p
