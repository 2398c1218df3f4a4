// title: FinBench: every person once
// answers: Holds person_id unique among Person nodes, and finds by it.
// access: write
CREATE CONSTRAINT finbench_person IF NOT EXISTS
FOR (n:Person) REQUIRE n.person_id IS UNIQUE
