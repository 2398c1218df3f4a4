// title: Begin to write a run
// answers: Says that a run is being written; whoever wrote another one stops.
// access: write
// param book: text, required · the book
// param run_id: text, required · the run
MERGE (p:PendingRun {run_id: $run_id})
MERGE (b:Book {book: $book})
SET b.writing = $run_id
