// title: One publication for each book once
// answers: Holds book unique among Publication nodes, and finds by it.
// access: write
CREATE CONSTRAINT graphrisk_publication IF NOT EXISTS
FOR (n:Publication) REQUIRE n.book IS UNIQUE
