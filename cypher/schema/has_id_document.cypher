// title: Every HAS_ID_DOCUMENT record once
// answers: Holds record_id unique among HAS_ID_DOCUMENT relationships, and finds by it.
// access: write
CREATE CONSTRAINT graphrisk_has_id_document IF NOT EXISTS
FOR ()-[r:HAS_ID_DOCUMENT]-() REQUIRE r.record_id IS UNIQUE
