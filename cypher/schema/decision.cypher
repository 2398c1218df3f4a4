// title: Every decision once
// answers: Holds decision_key unique among Decision nodes, and finds by it.
// access: write
CREATE CONSTRAINT graphrisk_decision IF NOT EXISTS
FOR (n:Decision) REQUIRE n.decision_key IS UNIQUE
