// title: Finish a load
// answers: Says that the book is whole, and which tables it was loaded from.
// access: write
// param book: text, required · the book
// param dataset_hash: text, required · hash of what was loaded
// param tables: list of text, required · names of its tables
// param attributes: list of text, required · names of the attributes of its entities
MATCH (b:Book {book: $book})
SET b.dataset_hash = $dataset_hash, b.tables = $tables, b.attributes = $attributes,
    b.is_complete = true
