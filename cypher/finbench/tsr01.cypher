// title: FinBench simple read 1: an account
// answers: What is known of this account?
// access: read
// param id: integer, required · its account_id
// column createTime: time · when it was opened
// column isBlocked: boolean · whether it is blocked
// column type: text · its account_type
MATCH (a:Account {account_id: $id})
RETURN a.created_at_us AS createTime, a.is_blocked AS isBlocked, a.account_type AS type
