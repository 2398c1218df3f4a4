// title: FinBench write 5: add an account of a company
// answers: Adds an account that a company owns.
// access: write
// param companyId: integer, required · company_id of the owner
// param accountId: integer, required · account_id, not in use yet
// param time: time, required · when it was opened, and owned
// param accountBlocked: boolean, required · whether it is blocked
// param accountType: text, required · account_type
// column written: integer · 1; 0 if something that it names is not there
MATCH (owner:Company {company_id: $companyId})
CREATE (owner)-[:OWN {at_us: $time}]->(:Account {
  account_id: $accountId, created_at_us: $time, is_blocked: $accountBlocked,
  account_type: $accountType
})
RETURN count(*) AS written
