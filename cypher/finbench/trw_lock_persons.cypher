// title: FinBench read-writes: lock two persons
// answers: Is either of two persons blocked? Nobody else can change them until the transaction
//   ends.
// access: write
// param srcId: integer, required · person_id of src
// param dstId: integer, required · person_id of dst
// column isBlocked: boolean · whether either is
MATCH (src:Person {person_id: $srcId})
MATCH (dst:Person {person_id: $dstId})
// Writing locks both; they are read after that, so what is read still holds at the commit.
SET src.locked = true, dst.locked = true
REMOVE src.locked, dst.locked
WITH src, dst
RETURN src.is_blocked OR dst.is_blocked AS isBlocked
