// title: FinBench write 2: add a company
// answers: Adds a company.
// access: write
// param companyId: integer, required · company_id, not in use yet
// param companyName: text, required · company_name
// param isBlocked: boolean, required · whether it is blocked
// column written: integer · 1; 0 if something that it names is not there
CREATE (:Company {company_id: $companyId, company_name: $companyName, is_blocked: $isBlocked})
RETURN count(*) AS written
