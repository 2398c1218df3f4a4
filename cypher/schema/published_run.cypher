// title: Each published run once
// answers: Holds run unique among PublishedRun nodes, and finds by it.
// access: write
CREATE CONSTRAINT graphrisk_published_run IF NOT EXISTS
FOR (n:PublishedRun) REQUIRE n.run IS UNIQUE
