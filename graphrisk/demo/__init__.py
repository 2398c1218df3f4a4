"""A realistic labelled sample book."""
