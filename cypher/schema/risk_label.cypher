// title: Every label once
// answers: Holds record_id unique among RiskLabel nodes, and finds by it.
// access: write
CREATE CONSTRAINT graphrisk_risk_label IF NOT EXISTS
FOR (n:RiskLabel) REQUIRE n.record_id IS UNIQUE
