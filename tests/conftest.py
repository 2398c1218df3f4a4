"""How properties are checked: the same 500 examples on every run, on every machine."""

from hypothesis import settings

settings.register_profile("ci", max_examples=500, deadline=None, derandomize=True)
settings.register_profile("quick", max_examples=25, deadline=None, derandomize=True)
settings.register_profile("search", max_examples=20_000, deadline=None)
settings.load_profile("ci")
