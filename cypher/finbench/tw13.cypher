// title: FinBench write 13: withdrawal
// answers: Adds a withdrawal from an account to a card.
// access: write
// param accountId1: integer, required · account_id of where it begins
// param accountId2: integer, required · account_id of where it ends
// param time: time, required · when
// param amount: number, required · how much
// column written: integer · 1; 0 if something that it names is not there
MATCH (a:Account {account_id: $accountId1})
MATCH (b:Account {account_id: $accountId2})
CREATE (a)-[:WITHDRAW {at_us: $time, amount: $amount}]->(b)
RETURN count(*) AS written
