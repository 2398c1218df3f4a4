// title: Applications
// answers: What does the book hold as applications?
// access: read
// column application_id: text · the application
// column account_id: text · who applied
// column lender_id: text · to whom
// column applied_at: time · when
// column amount_minor: integer · for how much
// column currency: text · in what
// column outcome: text · what came of it
// column source: text · who says so
MATCH (a:Account)-[r:APPLIED_TO]->(b:Lender)
RETURN r.application_id AS application_id,
       a.account_id AS account_id,
       b.lender_id AS lender_id,
       r.applied_at_us AS applied_at,
       r.amount_minor AS amount_minor,
       r.currency AS currency,
       r.outcome AS outcome,
       r.source AS source
