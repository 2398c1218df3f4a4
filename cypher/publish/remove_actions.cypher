// title: Remove actions of a scheduled run
// answers: Takes away so many of them, and says how many.
// access: write
// param run: text, required · the scheduled run
// param n_most: integer, required · how many at a time
// column n_removed: integer · how many there were
MATCH (n:Action {run: $run})
WITH n
LIMIT $n_most
DETACH DELETE n
RETURN count(*) AS n_removed
