"""Scheduled runs: scored once, guarded, and published whole or not at all."""
