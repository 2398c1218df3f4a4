"""Files that are there whole or not at all, whoever dies while writing them."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable
from pathlib import Path

#: How the names of files end that are not whole.
PARTIAL = ".partial"


def write_whole(path: Path, content: bytes) -> None:
    """Write a file that is there whole or not at all."""
    in_place(path, lambda partial: partial.write_bytes(content))


def in_place(path: Path, write: Callable[[Path], object]) -> None:
    """Write a file under a name of this process, and give it its own when it is whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}.{platform.node()}{PARTIAL}")
    write(partial)
    partial.replace(path)
