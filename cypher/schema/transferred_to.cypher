// title: Every TRANSFERRED_TO record once
// answers: Holds record_id unique among TRANSFERRED_TO relationships, and finds by it.
// access: write
CREATE CONSTRAINT graphrisk_transferred_to IF NOT EXISTS
FOR ()-[r:TRANSFERRED_TO]-() REQUIRE r.record_id IS UNIQUE
