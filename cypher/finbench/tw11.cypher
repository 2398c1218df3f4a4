// title: FinBench write 11: a company guarantees
// answers: Adds a guarantee of a company for a company.
// access: write
// param companyId1: integer, required · company_id of where it begins
// param companyId2: integer, required · company_id of where it ends
// param time: time, required · when
// column written: integer · 1; 0 if something that it names is not there
MATCH (a:Company {company_id: $companyId1})
MATCH (b:Company {company_id: $companyId2})
CREATE (a)-[:GUARANTEE {at_us: $time}]->(b)
RETURN count(*) AS written
