// title: Every run that is being written once
// answers: Holds run_id unique among PendingRun nodes, and finds by it.
// access: write
CREATE CONSTRAINT graphrisk_pending_run IF NOT EXISTS
FOR (n:PendingRun) REQUIRE n.run_id IS UNIQUE
