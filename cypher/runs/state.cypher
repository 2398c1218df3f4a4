// title: Is a run there, and is it the current one?
// answers: Is a run there, and is it the current one?
// access: read
// param book: text, required · the book
// param run_id: text, required · the run
// column is_written: boolean · whether it was written to the end
// column is_current: boolean · whether the pointer shows to it
// column is_pending: boolean · whether it was begun and not finished
OPTIONAL MATCH (r:Run {run_id: $run_id})
OPTIONAL MATCH (c:CurrentRun {book: $book})
OPTIONAL MATCH (p:PendingRun {run_id: $run_id})
RETURN r IS NOT NULL AS is_written, coalesce(c.run_id = $run_id, false) AS is_current,
       p IS NOT NULL AS is_pending
