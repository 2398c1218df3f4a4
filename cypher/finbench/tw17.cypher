// title: FinBench write 17: remove an account
// answers: Removes an account, its edges, and the loans that were paid into it or repaid from it.
// access: write
// param accountId: integer, required · account_id
// column written: integer · 1; 0 if something that it names is not there
MATCH (a:Account {account_id: $accountId})
OPTIONAL MATCH (a)-[:DEPOSIT|REPAY]-(loan:Loan)
WITH a, collect(DISTINCT loan) AS loans
FOREACH (loan IN loans | DETACH DELETE loan)
DETACH DELETE a
RETURN count(*) AS written
