// title: Every APPLIED_TO record once
// answers: Holds record_id unique among APPLIED_TO relationships, and finds by it.
// access: write
CREATE CONSTRAINT graphrisk_applied_to IF NOT EXISTS
FOR ()-[r:APPLIED_TO]-() REQUIRE r.record_id IS UNIQUE
