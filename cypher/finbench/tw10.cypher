// title: FinBench write 10: a person guarantees
// answers: Adds a guarantee of a person for a person.
// access: write
// param personId1: integer, required · person_id of where it begins
// param personId2: integer, required · person_id of where it ends
// param time: time, required · when
// column written: integer · 1; 0 if something that it names is not there
MATCH (a:Person {person_id: $personId1})
MATCH (b:Person {person_id: $personId2})
CREATE (a)-[:GUARANTEE {at_us: $time}]->(b)
RETURN count(*) AS written
