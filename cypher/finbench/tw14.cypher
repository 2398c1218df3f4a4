// title: FinBench write 14: repayment
// answers: Adds a repayment from an account to a loan.
// access: write
// param accountId: integer, required · account_id of where it begins
// param loanId: integer, required · loan_id of where it ends
// param time: time, required · when
// param amount: number, required · how much
// column written: integer · 1; 0 if something that it names is not there
MATCH (a:Account {account_id: $accountId})
MATCH (b:Loan {loan_id: $loanId})
CREATE (a)-[:REPAY {at_us: $time, amount: $amount}]->(b)
RETURN count(*) AS written
