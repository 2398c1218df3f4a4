// title: FinBench write 15: deposit
// answers: Adds a deposit from a loan into an account.
// access: write
// param loanId: integer, required · loan_id of where it begins
// param accountId: integer, required · account_id of where it ends
// param time: time, required · when
// param amount: number, required · how much
// column written: integer · 1; 0 if something that it names is not there
MATCH (a:Loan {loan_id: $loanId})
MATCH (b:Account {account_id: $accountId})
CREATE (a)-[:DEPOSIT {at_us: $time, amount: $amount}]->(b)
RETURN count(*) AS written
