// title: Every piece of evidence once
// answers: Holds evidence_key unique among Evidence nodes, and finds by it.
// access: write
CREATE CONSTRAINT graphrisk_evidence IF NOT EXISTS
FOR (n:Evidence) REQUIRE n.evidence_key IS UNIQUE
