// title: Every USES_PHONE record once
// answers: Holds record_id unique among USES_PHONE relationships, and finds by it.
// access: write
CREATE CONSTRAINT graphrisk_uses_phone IF NOT EXISTS
FOR ()-[r:USES_PHONE]-() REQUIRE r.record_id IS UNIQUE
