// title: Every USES_EMAIL record once
// answers: Holds record_id unique among USES_EMAIL relationships, and finds by it.
// access: write
CREATE CONSTRAINT graphrisk_uses_email IF NOT EXISTS
FOR ()-[r:USES_EMAIL]-() REQUIRE r.record_id IS UNIQUE
