// title: Every BORROWS_FROM record once
// answers: Holds record_id unique among BORROWS_FROM relationships, and finds by it.
// access: write
CREATE CONSTRAINT graphrisk_borrows_from IF NOT EXISTS
FOR ()-[r:BORROWS_FROM]-() REQUIRE r.record_id IS UNIQUE
