// title: Make a run the current one
// answers: Lets the pointer show to the run.
// access: write
// param book: text, required · the book
// param run_id: text, required · the run
MERGE (c:CurrentRun {book: $book})
SET c.run_id = $run_id
