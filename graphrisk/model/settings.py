"""Files that people write: policy, mapping, configuration. TOML, read and refused in one way."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from graphrisk.errors import GraphRiskError


def read_settings(
    file: Path, what: str, error: type[GraphRiskError], *, option: str, expected: str
) -> dict[str, Any]:
    """Read a TOML file. A byte order mark is passed over.

    Parameters
    ----------
    file
        Where it lies.
    what
        What it is, with its name, for messages.
    error
        What to raise.
    option
        The command's option that names it.
    expected
        What should stand in it.

    Raises
    ------
    error
        If the file can't be read, is not UTF-8, is not TOML, or is nested too deep to be read.
    """
    try:
        return tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except OSError as fault:
        raise error(
            f"{what} can't be read ({fault.strerror})",
            expected="a file that you may read",
            hint=f"check the path given with {option}",
        ) from fault
    except UnicodeDecodeError as fault:
        raise error(
            f"{what} is not UTF-8 (byte {fault.start})",
            expected="TOML, which is UTF-8",
            hint="save the file again as UTF-8",
        ) from fault
    except tomllib.TOMLDecodeError as fault:
        raise error(
            f"{what} is not TOML: {fault}", expected=expected, hint="correct the line named"
        ) from fault
    except RecursionError as fault:
        raise error(
            f"{what} is nested too deep", expected=expected, hint="look at where the file is from"
        ) from fault
