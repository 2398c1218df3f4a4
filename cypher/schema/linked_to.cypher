// title: Every LINKED_TO record once
// answers: Holds record_id unique among LINKED_TO relationships, and finds by it.
// access: write
CREATE CONSTRAINT graphrisk_linked_to IF NOT EXISTS
FOR ()-[r:LINKED_TO]-() REQUIRE r.record_id IS UNIQUE
