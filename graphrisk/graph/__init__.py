"""The link graph: immutable arrays built from valid tables, as of a time."""
