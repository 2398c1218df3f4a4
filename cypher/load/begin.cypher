// title: Begin a load
// answers: Says that the book is being loaded, and from what; whoever loaded before stops.
// access: write
// param book: text, required · the book
// param dataset_hash: text, required · hash of what is loaded
MERGE (b:Book {book: $book})
SET b.loading = $dataset_hash, b.is_complete = false
