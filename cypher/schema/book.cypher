// title: Every book once
// answers: Holds book unique among Book nodes, and finds by it.
// access: write
CREATE CONSTRAINT graphrisk_book IF NOT EXISTS
FOR (n:Book) REQUIRE n.book IS UNIQUE
