// title: Note a run that is whole
// answers: Says which run of this store a scheduled run is; until the pointer flips nobody asks.
// access: write
// param run: text, required · the scheduled run
// param run_id: text, required · the run of this store
MERGE (r:PublishedRun {run: $run})
SET r.run_id = $run_id
