// title: FinBench: every medium once
// answers: Holds medium_id unique among Medium nodes, and finds by it.
// access: write
CREATE CONSTRAINT finbench_medium IF NOT EXISTS
FOR (n:Medium) REQUIRE n.medium_id IS UNIQUE
