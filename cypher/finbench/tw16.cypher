// title: FinBench write 16: sign-in
// answers: Adds a sign-in of a medium to an account.
// access: write
// param mediumId: integer, required · medium_id of where it begins
// param accountId: integer, required · account_id of where it ends
// param time: time, required · when
// column written: integer · 1; 0 if something that it names is not there
MATCH (a:Medium {medium_id: $mediumId})
MATCH (b:Account {account_id: $accountId})
CREATE (a)-[:SIGN_IN {at_us: $time}]->(b)
RETURN count(*) AS written
