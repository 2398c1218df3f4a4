"""LDBC FinBench's transaction workload: its graph, an oracle for each statement, and a check."""
