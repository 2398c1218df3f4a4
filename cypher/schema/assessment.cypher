// title: Every assessment once
// answers: Holds record_id unique among Assessment nodes, and finds by it.
// access: write
CREATE CONSTRAINT graphrisk_assessment IF NOT EXISTS
FOR (n:Assessment) REQUIRE n.record_id IS UNIQUE
