// title: FinBench read-writes: lock two accounts
// answers: Is either of two accounts blocked? Nobody else can change them until the transaction
//   ends.
// access: write
// param srcId: integer, required · account_id of src
// param dstId: integer, required · account_id of dst
// column isBlocked: boolean · whether either is
MATCH (src:Account {account_id: $srcId})
MATCH (dst:Account {account_id: $dstId})
// Writing locks both; they are read after that, so what is read still holds at the commit.
SET src.locked = true, dst.locked = true
REMOVE src.locked, dst.locked
WITH src, dst
RETURN src.is_blocked OR dst.is_blocked AS isBlocked
