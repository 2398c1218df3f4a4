// title: Every LIVES_AT record once
// answers: Holds record_id unique among LIVES_AT relationships, and finds by it.
// access: write
CREATE CONSTRAINT graphrisk_lives_at IF NOT EXISTS
FOR ()-[r:LIVES_AT]-() REQUIRE r.record_id IS UNIQUE
