// title: Relationships of a graph of the user's own
// answers: What do the relationships of one type hold, and the nodes at their ends?
// access: read
// param type: text, required · the type
// param of_start: list of text, required · names of properties of the start node
// param of_link: list of text, required · names of properties of the relationship
// param of_end: list of text, required · names of properties of the end node
// column start_cells: list of text · one for each property, of any type
// column link_cells: list of text · the same of the relationship
// column end_cells: list of text · the same of the end node
MATCH (a)-[r]->(b)
WHERE type(r) = $type
RETURN [one IN $of_start | a[one]] AS start_cells,
       [one IN $of_link | r[one]] AS link_cells,
       [one IN $of_end | b[one]] AS end_cells
