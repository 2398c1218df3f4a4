// title: Every USES_IP record once
// answers: Holds record_id unique among USES_IP relationships, and finds by it.
// access: write
CREATE CONSTRAINT graphrisk_uses_ip IF NOT EXISTS
FOR ()-[r:USES_IP]-() REQUIRE r.record_id IS UNIQUE
