// title: Every USES_DEVICE record once
// answers: Holds record_id unique among USES_DEVICE relationships, and finds by it.
// access: write
CREATE CONSTRAINT graphrisk_uses_device IF NOT EXISTS
FOR ()-[r:USES_DEVICE]-() REQUIRE r.record_id IS UNIQUE
