// title: FinBench write 1: add a person
// answers: Adds a person.
// access: write
// param personId: integer, required · person_id, not in use yet
// param personName: text, required · person_name
// param isBlocked: boolean, required · whether he or she is blocked
// column written: integer · 1; 0 if something that it names is not there
CREATE (:Person {person_id: $personId, person_name: $personName, is_blocked: $isBlocked})
RETURN count(*) AS written
