// title: Guarantees
// answers: What does the book hold as guarantees?
// access: read
// column guarantor_id: text · who guarantees
// column borrower_id: text · for whom
// column at: time · since when
// column amount_minor: integer · for how much
// column currency: text · in what
MATCH (a:Account)-[r:GUARANTEES]->(b:Account)
RETURN a.account_id AS guarantor_id,
       b.account_id AS borrower_id,
       r.at_us AS at,
       r.amount_minor AS amount_minor,
       r.currency AS currency
