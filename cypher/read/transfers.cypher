// title: Transfers
// answers: What does the book hold as transfers?
// access: read
// column from_account_id: text · who paid
// column to_account_id: text · who received
// column at: time · when
// column amount_minor: integer · how much
// column currency: text · in what
MATCH (a:Account)-[r:TRANSFERRED_TO]->(b:Account)
RETURN a.account_id AS from_account_id,
       b.account_id AS to_account_id,
       r.at_us AS at,
       r.amount_minor AS amount_minor,
       r.currency AS currency
