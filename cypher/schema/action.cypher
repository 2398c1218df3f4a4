// title: Each action once
// answers: Holds action_key unique among Action nodes, and finds by it.
// access: write
CREATE CONSTRAINT graphrisk_action IF NOT EXISTS
FOR (n:Action) REQUIRE n.action_key IS UNIQUE
