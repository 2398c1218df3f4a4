// title: Decision by run_id
// answers: Finds Decision nodes by run_id.
// access: write
CREATE INDEX graphrisk_decision_by_run IF NOT EXISTS
FOR (n:Decision) ON (n.run_id)
