// title: Make a scheduled run the current one
// answers: Lets both pointers show to the run, at once.
// access: write
// param book: text, required · the book
// param run: text, required · the scheduled run
// column run: text · the scheduled run, if it was noted as whole
MATCH (r:PublishedRun {run: $run})
MATCH (p:Publication {book: $book})
MERGE (c:CurrentRun {book: $book})
SET c.run_id = r.run_id, p.run = $run
RETURN p.run AS run
