// title: Forget a scheduled run
// answers: Takes away the note that it is whole.
// access: write
// param run: text, required · the scheduled run
MATCH (r:PublishedRun {run: $run})
DELETE r
