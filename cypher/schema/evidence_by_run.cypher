// title: Evidence by run_id
// answers: Finds Evidence nodes by run_id.
// access: write
CREATE INDEX graphrisk_evidence_by_run IF NOT EXISTS
FOR (n:Evidence) ON (n.run_id)
