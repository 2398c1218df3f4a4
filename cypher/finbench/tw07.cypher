// title: FinBench write 7: add a loan of a company
// answers: Adds a loan that a company applied for.
// access: write
// param companyId: integer, required · company_id of the applicant
// param loanId: integer, required · loan_id, not in use yet
// param loanAmount: number, required · loan_amount
// param balance: number, required · what is owed
// param time: time, required · when it was applied for, and made
// column written: integer · 1; 0 if something that it names is not there
MATCH (applicant:Company {company_id: $companyId})
CREATE (applicant)-[:APPLY {at_us: $time}]->(:Loan {
  loan_id: $loanId, loan_amount: $loanAmount, balance: $balance, created_at_us: $time
})
RETURN count(*) AS written
