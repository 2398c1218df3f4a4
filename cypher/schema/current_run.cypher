// title: One current run for each book once
// answers: Holds book unique among CurrentRun nodes, and finds by it.
// access: write
CREATE CONSTRAINT graphrisk_current_run IF NOT EXISTS
FOR (n:CurrentRun) REQUIRE n.book IS UNIQUE
