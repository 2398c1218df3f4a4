// title: Nodes of a graph of the user's own
// answers: What do the nodes of one label hold?
// access: read
// param label: text, required · the label
// param properties: list of text, required · names of the properties to read
// column cells: list of text · one for each property, of any type
MATCH (n)
WHERE $label IN labels(n)
RETURN [one IN $properties | n[one]] AS cells
