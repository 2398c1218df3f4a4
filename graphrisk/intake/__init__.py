"""Tables in, valid tables and a quarantine out."""
