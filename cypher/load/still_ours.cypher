// title: Is this load still ours?
// answers: Locks the book for this transaction, if nobody else began to load it since.
// access: write
// note: Setting the property to itself takes the lock, so that two loads never write at once.
// param book: text, required · the book
// param dataset_hash: text, required · hash of what is loaded
// column loading: text · hash of what is loaded
MATCH (b:Book {book: $book})
WHERE b.loading = $dataset_hash
SET b.loading = $dataset_hash
RETURN b.loading AS loading
