// title: Every run once
// answers: Holds run_id unique among Run nodes, and finds by it.
// access: write
CREATE CONSTRAINT graphrisk_run IF NOT EXISTS
FOR (n:Run) REQUIRE n.run_id IS UNIQUE
