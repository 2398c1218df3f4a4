// title: The current scheduled run
// answers: Which scheduled run does the pointer show to, if it still shows to its decisions?
// access: read
// param book: text, required · the book
// column run: text · the scheduled run
MATCH (p:Publication {book: $book})
MATCH (c:CurrentRun {book: $book})
MATCH (r:PublishedRun {run: p.run})
WHERE r.run_id = c.run_id
RETURN p.run AS run
