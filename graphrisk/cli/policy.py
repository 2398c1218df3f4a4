"""``graphrisk policy``: see the default policy, check one of your own, tell what it does."""

from __future__ import annotations

from pathlib import Path

import click


@click.group(
    epilog="""\b
Examples:
  graphrisk policy show
  graphrisk policy check stricter.toml
  graphrisk policy standard --lang zh""",
)
def policy() -> None:
    """Show the default policy, check a policy file, or tell what it does in plain words."""


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


@policy.command(
    epilog="""\b
Examples:
  graphrisk policy standard > standard.md
  graphrisk policy standard --policy stricter.toml --lang zh""",
)
@click.option(
    "--policy",
    "file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Policy, laid over the default.  [default: the default policy]",
)
@click.option(
    "--lang", type=click.Choice(["en", "zh"]), default="en", show_default=True, help="Language."
)
def standard(file: Path | None, lang: str) -> None:
    """Print the public decision standard of a policy, as Markdown.

    It tells in plain words what counts, what never counts, how far each kind of link may go, what
    closing needs, and how to object.
    """
    from graphrisk.explain.document import markdown
    from graphrisk.explain.standard import standard as standard_of
    from graphrisk.model.policy import Policy

    active = Policy.default() if file is None else Policy.load(file)
    click.echo(markdown(standard_of(active, lang)), nl=False)
