// title: Plans for what there is now
// answers: Counts the indexes anew, and forgets the plans that were made while they were emptier.
// access: write
// engines: neo4j
// note: Neo4j does the same by itself, minutes later; until then a question about one account
//   reads all of them.
// param timeout_s: integer = 300 · seconds after which it is left to the server's own time
CALL db.prepareForReplanning($timeout_s)
