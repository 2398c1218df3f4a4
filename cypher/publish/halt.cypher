// title: Say that actions are halted
// answers: Writes who halted actions and when; an empty text says that they go on.
// access: write
// param book: text, required · the book
// param text: text, required · who halted them, and when
MERGE (p:Publication {book: $book})
SET p.halted = $text
