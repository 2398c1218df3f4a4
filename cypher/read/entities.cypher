// title: Entities
// answers: What does the book hold as entities?
// access: read
// column kind: text · what it is
// column entity_id: text · its id
// column listed_in: list of text · tables that list it
// column opened_at: time · when an account was opened
// column status: text · an account's state
// column usage: text · declared shared use
MATCH (n:Entity)
RETURN n.kind AS kind,
       n.entity_id AS entity_id,
       n.listed_in AS listed_in,
       n.opened_at_us AS opened_at,
       n.status AS status,
       n.usage AS usage
