// title: FinBench read-write 1: new cycles
// answers: How many circles of three accounts does a new transfer from src to dst close?
// access: read
// param srcId: integer, required · account_id of src
// param dstId: integer, required · account_id of dst
// param time: time, required · when the new transfer was made
// param startTime: time, required · the window opens after this moment
// param endTime: time, required · the window closes before this moment
// column numCycles: integer · other accounts that the money can go back over
MATCH (src:Account {account_id: $srcId})
MATCH (dst:Account {account_id: $dstId})
CALL (src, dst) {
  MATCH (dst)-[edge2:TRANSFER]->(other:Account)-[edge3:TRANSFER]->(src)
  WHERE $startTime < edge2.at_us AND edge2.at_us < $endTime
    AND $startTime < edge3.at_us AND edge3.at_us < $endTime
    AND $startTime < $time AND $time < $endTime
    AND other <> src AND other <> dst
  RETURN count(DISTINCT other) AS n_cycles
}
RETURN n_cycles AS numCycles
