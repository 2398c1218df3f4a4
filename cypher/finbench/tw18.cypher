// title: FinBench write 18: block an account
// answers: Blocks an account.
// access: write
// param accountId: integer, required · account_id
// column written: integer · 1; 0 if something that it names is not there
MATCH (a:Account {account_id: $accountId})
SET a.is_blocked = true
RETURN count(*) AS written
