// title: FinBench: every company once
// answers: Holds company_id unique among Company nodes, and finds by it.
// access: write
CREATE CONSTRAINT finbench_company IF NOT EXISTS
FOR (n:Company) REQUIRE n.company_id IS UNIQUE
