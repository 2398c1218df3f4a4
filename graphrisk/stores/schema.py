"""Constraints and indexes: made before anything is written, and left alone if they are there."""

from __future__ import annotations

from graphrisk.stores.bolt import Bolt
from graphrisk.stores.library import names


def prepare(bolt: Bolt) -> None:
    """Make the constraints and indexes of the graph model that are missing."""
    for name in names("schema"):
        bolt.define(name)
