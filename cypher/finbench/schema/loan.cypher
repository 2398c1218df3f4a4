// title: FinBench: every loan once
// answers: Holds loan_id unique among Loan nodes, and finds by it.
// access: write
CREATE CONSTRAINT finbench_loan IF NOT EXISTS
FOR (n:Loan) REQUIRE n.loan_id IS UNIQUE
