// title: Every relation's weight once
// answers: Holds weight_key unique among RelationWeight nodes, and finds by it.
// access: write
CREATE CONSTRAINT graphrisk_relation_weight IF NOT EXISTS
FOR (n:RelationWeight) REQUIRE n.weight_key IS UNIQUE
