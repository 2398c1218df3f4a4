// title: FinBench: empty the database
// answers: Removes every node and every edge, FinBench or not.
// access: write
MATCH (n)
DETACH DELETE n
