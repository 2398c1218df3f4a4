// title: FinBench write 6: add a loan of a person
// answers: Adds a loan that a person applied for.
// access: write
// param personId: integer, required · person_id of the applicant
// param loanId: integer, required · loan_id, not in use yet
// param loanAmount: number, required · loan_amount
// param balance: number, required · what is owed
// param time: time, required · when it was applied for, and made
// column written: integer · 1; 0 if something that it names is not there
MATCH (applicant:Person {person_id: $personId})
CREATE (applicant)-[:APPLY {at_us: $time}]->(:Loan {
  loan_id: $loanId, loan_amount: $loanAmount, balance: $balance, created_at_us: $time
})
RETURN count(*) AS written
