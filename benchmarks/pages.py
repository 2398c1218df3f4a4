"""Write what a script measured into a page of docs/, between two marks that bear its name."""

from __future__ import annotations

import os
import platform
import re
from pathlib import Path

DOCS = Path(__file__).parents[1] / "docs"


def write_between(page: str, name: str, *lines: str) -> None:
    """Replace what stands between the marks of that name; both have to be there."""
    begin, end = (f"<!-- measured {name}: {word} -->" for word in ("begin", "end"))
    file = DOCS / page
    before, _, rest = file.read_text(encoding="utf-8").partition(begin)
    _, found, after = rest.partition(end)
    if not found:
        raise SystemExit(f"{page} has no marks for {name}")
    text = "\n".join([before + begin, *lines, end]) + after
    file.write_text(text, encoding="utf-8")


def machine() -> str:
    """Say on what was measured, and how busy it was with other work."""
    cpu = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    return (
        f"{os.cpu_count()} virtual processors ({cpu[1] if cpu else platform.machine()}), Python "
        f"{platform.python_version()}, load average {os.getloadavg()[0]:.1f} at the end"
    )


def cpu_s_of(pid: int) -> float:
    """Return the processor time that a process has used so far, in seconds."""
    told = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")
