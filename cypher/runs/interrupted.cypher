// title: Interrupted runs
// answers: Which other runs were begun and never finished?
// access: read
// param run_id: text, required · the run
// column interrupted: text · the run
MATCH (p:PendingRun)
WHERE p.run_id <> $run_id
RETURN p.run_id AS interrupted
ORDER BY interrupted
