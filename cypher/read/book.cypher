// title: The book
// answers: Is the book whole, and which tables was it loaded from?
// access: read
// param book: text, required · the book
// column dataset_hash: text · hash of what was loaded last
// column is_complete: boolean · false while it is being loaded
// column tables: list of text · names of its tables
// column attributes: list of text · names of the attributes of its entities
MATCH (b:Book {book: $book})
RETURN b.dataset_hash AS dataset_hash, b.is_complete AS is_complete, b.tables AS tables,
       b.attributes AS attributes
