// title: Decision by account_id
// answers: Finds Decision nodes by account_id.
// access: write
CREATE INDEX graphrisk_decision_by_account IF NOT EXISTS
FOR (n:Decision) ON (n.account_id)
