// title: Flag by run_id
// answers: Finds Flag nodes by run_id.
// access: write
CREATE INDEX graphrisk_flag_by_run IF NOT EXISTS
FOR (n:Flag) ON (n.run_id)
