"""``graphrisk doctor``: check the installation."""

from __future__ import annotations

import click


@click.command()
def doctor() -> None:
    """Check the installation."""
