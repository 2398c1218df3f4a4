// title: FinBench write 19: block a person
// answers: Blocks a person.
// access: write
// param personId: integer, required · person_id
// column written: integer · 1; 0 if something that it names is not there
MATCH (a:Person {person_id: $personId})
SET a.is_blocked = true
RETURN count(*) AS written
