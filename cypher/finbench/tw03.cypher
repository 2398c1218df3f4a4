// title: FinBench write 3: add a medium
// answers: Adds a medium.
// access: write
// param mediumId: integer, required · medium_id, not in use yet
// param mediumType: text, required · medium_type, such as PHONE
// param isBlocked: boolean, required · whether it is blocked
// column written: integer · 1; 0 if something that it names is not there
CREATE (:Medium {medium_id: $mediumId, medium_type: $mediumType, is_blocked: $isBlocked})
RETURN count(*) AS written
