// title: Every GUARANTEES record once
// answers: Holds record_id unique among GUARANTEES relationships, and finds by it.
// access: write
CREATE CONSTRAINT graphrisk_guarantees IF NOT EXISTS
FOR ()-[r:GUARANTEES]-() REQUIRE r.record_id IS UNIQUE
