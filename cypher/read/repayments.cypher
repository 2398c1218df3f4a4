// title: Repayments
// answers: What does the book hold as repayments?
// access: read
// column account_id: text · who owes
// column lender_id: text · to whom
// column due_at: time · when it is due
// column paid_at: time · when it was paid
// column amount_due_minor: integer · how much is due
// column amount_paid_minor: integer · how much was paid
// column currency: text · in what
// column source: text · who says so
MATCH (a:Account)-[r:BORROWS_FROM]->(b:Lender)
RETURN a.account_id AS account_id,
       b.lender_id AS lender_id,
       r.due_at_us AS due_at,
       r.paid_at_us AS paid_at,
       r.amount_due_minor AS amount_due_minor,
       r.amount_paid_minor AS amount_paid_minor,
       r.currency AS currency,
       r.source AS source
