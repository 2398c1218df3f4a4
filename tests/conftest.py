"""How properties are checked, and the servers that tests run against."""

from hypothesis import settings

pytest_plugins = ("tests.servers",)

settings.register_profile("ci", max_examples=500, deadline=None, derandomize=True)
settings.register_profile("quick", max_examples=25, deadline=None, derandomize=True)
settings.register_profile("search", max_examples=20_000, deadline=None)
settings.load_profile("ci")
