// title: FinBench: every account once
// answers: Holds account_id unique among Account nodes, and finds by it.
// access: write
CREATE CONSTRAINT finbench_account IF NOT EXISTS
FOR (n:Account) REQUIRE n.account_id IS UNIQUE
