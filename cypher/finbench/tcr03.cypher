// title: FinBench complex read 3: shortest transfer path
// answers: How many transfers long is the shortest path between two accounts?
// access: read
// engines: neo4j
// note: The embedded engine looks for a shortest path first and asks for the window after that.
// param id1: integer, required · account_id where the path begins
// param id2: integer, required · account_id where it ends
// param startTime: time, required · the window opens after this moment
// param endTime: time, required · the window closes before this moment
// column shortestPathLength: integer · transfers; -1 if there is no path, 0 from an account to
//   itself
MATCH (src:Account {account_id: $id1})
MATCH (dst:Account {account_id: $id2})
CALL (src, dst) {
  // The server refuses a shortest path from a node to itself.
  WITH src, dst
  WHERE src = dst
  RETURN 0 AS n_steps
  UNION
  WITH src, dst
  WHERE src <> dst
  OPTIONAL MATCH path = shortestPath((src)-[:TRANSFER*]->(dst))
  WHERE all(r IN relationships(path) WHERE $startTime < r.at_us AND r.at_us < $endTime)
  RETURN coalesce(length(path), -1) AS n_steps
}
RETURN n_steps AS shortestPathLength
