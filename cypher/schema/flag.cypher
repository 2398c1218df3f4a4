// title: Every flag once
// answers: Holds flag_key unique among Flag nodes, and finds by it.
// access: write
CREATE CONSTRAINT graphrisk_flag IF NOT EXISTS
FOR (n:Flag) REQUIRE n.flag_key IS UNIQUE
