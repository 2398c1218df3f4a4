"""Backtests: labels hidden, the product's own pipeline run on the rest, the hidden ones scored."""
