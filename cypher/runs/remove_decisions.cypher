// title: Remove decisions of a run that was never finished
// answers: Takes away so many of them, and says how many.
// access: write
// param run_id: text, required · the run
// param n_most: integer, required · how many at a time
// column n_removed: integer · how many there were
MATCH (n:Decision {run_id: $run_id})
WITH n
LIMIT $n_most
DETACH DELETE n
RETURN count(*) AS n_removed
