// title: Is this run still ours to write?
// answers: Locks the book for this transaction, if nobody else began to write a run since.
// access: write
// note: Setting the property to itself takes the lock, so that two runs are never written at once.
// param book: text, required · the book
// param run_id: text, required · the run
// column writing: text · the run that is being written
MATCH (b:Book {book: $book})
WHERE b.writing = $run_id
SET b.writing = $run_id
RETURN b.writing AS writing
