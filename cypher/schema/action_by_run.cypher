// title: Find actions by their run
// answers: Finds the actions of a published run.
// access: write
CREATE INDEX graphrisk_action_by_run IF NOT EXISTS
FOR (n:Action) ON (n.run)
