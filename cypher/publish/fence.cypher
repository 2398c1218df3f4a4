// title: Is this writer the newest?
// answers: Locks the publication for this transaction, unless a newer writer has been here.
// access: write
// note: Setting the property to itself takes the lock, so that two writers never write at once.
// param book: text, required · the book
// param fence: integer, required · the writer's token; newer ones are higher
// column fence: integer · the highest token so far
MERGE (p:Publication {book: $book})
SET p.book = $book
WITH p
WHERE coalesce(p.fence, 0) <= $fence
SET p.fence = $fence
RETURN p.fence AS fence
