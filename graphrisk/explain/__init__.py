"""The waterfall and the strongest evidence path of an account."""
