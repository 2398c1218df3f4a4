"""Array kernels that pass risk over links. One algorithm, one file."""
