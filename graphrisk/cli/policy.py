"""``graphrisk policy``: see the default policy, check one of your own."""

from __future__ import annotations

from pathlib import Path

import click


@click.group(
    epilog="""\b
Examples:
  graphrisk policy show
  graphrisk policy check stricter.toml""",
)
def policy() -> None:
    """Show the default policy, or check a policy file."""


@policy.command(
    epilog="""\b
Examples:
  graphrisk policy show > policy.toml""",
)
def show() -> None:
    """Print the default policy, with every key and its meaning."""
    from importlib import resources

    packaged = resources.files("graphrisk").joinpath("policies/default.toml")
    click.echo(packaged.read_text(encoding="utf-8"), nl=False)


@policy.command(
    epilog="""\b
Examples:
  graphrisk policy check stricter.toml""",
)
@click.argument("file", type=click.Path(path_type=Path))
def check(file: Path) -> None:
    """Check FILE, laid over the default policy; all its faults are told at once."""
    from graphrisk.model.policy import Policy

    checked = Policy.load(file)
    click.echo(f"{file}: valid. Policy {checked.policy.name}, hash {checked.hash}.")
