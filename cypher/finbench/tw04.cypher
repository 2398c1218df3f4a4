// title: FinBench write 4: add an account of a person
// answers: Adds an account that a person owns.
// access: write
// param personId: integer, required · person_id of the owner
// param accountId: integer, required · account_id, not in use yet
// param time: time, required · when it was opened, and owned
// param accountBlocked: boolean, required · whether it is blocked
// param accountType: text, required · account_type
// column written: integer · 1; 0 if something that it names is not there
MATCH (owner:Person {person_id: $personId})
CREATE (owner)-[:OWN {at_us: $time}]->(:Account {
  account_id: $accountId, created_at_us: $time, is_blocked: $accountBlocked,
  account_type: $accountType
})
RETURN count(*) AS written
