"""The same analysis on a Spark cluster: blocks of entities, with what links cross exchanged."""
