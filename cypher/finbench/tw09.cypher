// title: FinBench write 9: a company invests
// answers: Adds an investment of a company in a company.
// access: write
// param companyId1: integer, required · company_id of where it begins
// param companyId2: integer, required · company_id of where it ends
// param time: time, required · when
// param ratio: number, required · share of the company
// column written: integer · 1; 0 if something that it names is not there
MATCH (a:Company {company_id: $companyId1})
MATCH (b:Company {company_id: $companyId2})
CREATE (a)-[:INVEST {at_us: $time, ratio: $ratio}]->(b)
RETURN count(*) AS written
