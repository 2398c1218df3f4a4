// title: FinBench write 8: a person invests
// answers: Adds an investment of a person in a company.
// access: write
// param personId: integer, required · person_id of where it begins
// param companyId: integer, required · company_id of where it ends
// param time: time, required · when
// param ratio: number, required · share of the company
// column written: integer · 1; 0 if something that it names is not there
MATCH (a:Person {person_id: $personId})
MATCH (b:Company {company_id: $companyId})
CREATE (a)-[:INVEST {at_us: $time, ratio: $ratio}]->(b)
RETURN count(*) AS written
