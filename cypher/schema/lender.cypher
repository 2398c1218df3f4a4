// title: Every lender once
// answers: Holds lender_id unique among Lender nodes, and finds by it.
// access: write
CREATE CONSTRAINT graphrisk_lender IF NOT EXISTS
FOR (n:Lender) REQUIRE n.lender_id IS UNIQUE
