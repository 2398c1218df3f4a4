"""Slow and obvious implementations to hold the kernels against, and the cases they share."""
