// title: Every entity once
// answers: Holds entity_key unique among Entity nodes, and finds by it.
// access: write
CREATE CONSTRAINT graphrisk_entity IF NOT EXISTS
FOR (n:Entity) REQUIRE n.entity_key IS UNIQUE
