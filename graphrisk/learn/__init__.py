"""What is learned from outcomes: columns of evidence, two models of them, and their file."""
