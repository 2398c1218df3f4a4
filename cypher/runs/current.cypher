// title: The current run
// answers: Which run does the pointer show to?
// access: read
// param book: text, required · the book
// column run_id: text · the run
MATCH (c:CurrentRun {book: $book})
RETURN c.run_id AS run_id
