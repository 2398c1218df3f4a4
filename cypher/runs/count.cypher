// title: What is there of a run
// answers: How much of a run has been written, and is tied to what it is about?
// access: read
// param run_id: text, required · the run
// column n_decisions: integer · decisions
// column n_evidence: integer · pieces of evidence
// column n_flags: integer · flags
// column n_weights: integer · relations
OPTIONAL MATCH (d:Decision {run_id: $run_id})-[:DECIDES]->(:Account)
WITH count(d) AS n_decisions
OPTIONAL MATCH (e:Evidence {run_id: $run_id})-[:SUPPORTS]->(:Decision)
WITH n_decisions, count(e) AS n_evidence
OPTIONAL MATCH (f:Flag {run_id: $run_id})-[:FLAGS]->(:Entity)
WITH n_decisions, n_evidence, count(f) AS n_flags
OPTIONAL MATCH (w:RelationWeight {run_id: $run_id})
RETURN n_decisions AS n_decisions, n_evidence AS n_evidence, n_flags AS n_flags,
       count(w) AS n_weights
