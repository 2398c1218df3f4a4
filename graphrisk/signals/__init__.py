"""Small columnar functions that turn tables and messages into evidence."""
