// title: Finish a run
// answers: Writes the run's own node; until the pointer flips nobody asks for it.
// access: write
// param run_id: text, required · the run
// param properties: rows, required · what the node says
MERGE (r:Run {run_id: $run_id})
SET r += $properties
