// title: RelationWeight by run_id
// answers: Finds RelationWeight nodes by run_id.
// access: write
CREATE INDEX graphrisk_relation_weight_by_run IF NOT EXISTS
FOR (n:RelationWeight) ON (n.run_id)
