"""``graphrisk doctor``: check the installation, one line for each check."""

from __future__ import annotations

import os
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, metadata, requires, version
from pathlib import Path

import click

from graphrisk.cli.console import say_json, show, table
from graphrisk.cli.storing import opened, store_options
from graphrisk.errors import ExitCode, GraphRiskError

_TOLERANCE_PROB = 1e-9
_LEAST_MEMORY_BYTES = 1 << 30


@dataclass(frozen=True, slots=True)
class Check:
    """What one check found. ``exit_code`` is 0 where all is well, or only worth a warning."""

    name: str
    status: str
    found: str
    next: str = ""
    exit_code: int = 0


@click.command(
    epilog="""\b
Examples:
  graphrisk doctor
  graphrisk doctor --json
  graphrisk doctor --store embedded:book.store""",
)
@store_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
@click.pass_context
def doctor(ctx: click.Context, store_url: str | None, database: str | None, as_json: bool) -> None:
    """Check the installation, and a store if one is named.

    Looks at versions, compiled kernels and their cache, runs a tiny analysis, and looks at the
    current directory, processors and memory. Exits 0 if all is well, 6 if something is missing
    or can't be written, 7 if the analysis does not keep its promises.
    """
    checks = [check for find in CHECKS for check in find()]
    checks += check_store(store_url, database)
    code = max(check.exit_code for check in checks)
    if as_json:
        say_json({"exit_code": code, "checks": [asdict(check) for check in checks]})
    else:
        made = table("", "check", "status", "found", "next")
        for check in checks:
            made.add_row(check.name, check.status, check.found, check.next)
        show(made)
        click.echo("All is well." if code == 0 else "Something needs attention: see 'next'.")
    ctx.exit(code)


def check_versions() -> Iterator[Check]:
    """Compare Python and every dependency with what the package asks for."""
    try:
        needed = {"python": metadata("graphrisk")["Requires-Python"]}
        needed |= dict(_named(line) for line in requires("graphrisk") or () if "extra" not in line)
    except PackageNotFoundError:
        yield _missing("graphrisk", "is not installed as a package", "pip install graphrisk")
        return
    for name, wanted in needed.items():
        least = wanted.removeprefix(">=")
        try:
            here = _python_version() if name == "python" else version(name)
        except PackageNotFoundError:
            yield _missing(name, f"is missing; {wanted} is needed", f"pip install '{name}{wanted}'")
            continue
        if _numbers(here) < _numbers(least):
            yield _missing(name, f"{here}; {wanted} is needed", f"upgrade {name}")
        else:
            yield Check(name, "ok", f"{here} ({wanted})")


def check_analysis() -> Iterator[Check]:
    """Compile the kernels, run a tiny analysis, and add its terms up."""
    start = time.perf_counter()
    try:
        difference = _tiny_analysis()
    except Exception as error:  # whatever goes wrong here is what the doctor is asked to tell
        yield Check(
            "kernels", "fail", f"a tiny analysis failed: {type(error).__name__}: {error}",
            "set NUMBA_CACHE_DIR to a folder that can be written, or install graphrisk again",
            ExitCode.INTEGRITY,
        )  # fmt: skip
        return
    yield Check("kernels", "ok", f"compiled or loaded in {time.perf_counter() - start:.1f} s")
    yield _cache_folder()
    if difference <= _TOLERANCE_PROB:
        yield Check("tiny analysis", "ok", f"terms make the risk to {difference:.1g}")
    else:
        yield Check(
            "tiny analysis", "fail", f"terms and risk differ by {difference:.3g}",
            "install graphrisk again, and report it if that does not help", ExitCode.INTEGRITY,
        )  # fmt: skip


def check_place() -> Iterator[Check]:
    """Look at the current directory, the processors and the memory."""
    from graphrisk.threads import available_threads

    try:
        with tempfile.TemporaryFile(dir=Path.cwd()):
            yield Check("current directory", "ok", "can be written")
    except OSError as error:
        yield _missing(
            "current directory", f"can't be written ({error.strerror})", "change it, or use --out"
        )
    yield Check("threads", "ok", f"{available_threads()} of {os.cpu_count()} processors")
    available = _memory_available_bytes()
    if available is None:
        yield Check("memory", "warn", "not known on this system")
    else:
        is_low = available < _LEAST_MEMORY_BYTES
        yield Check(
            "memory",
            "warn" if is_low else "ok",
            f"{available / 1e9:.1f} GB available",
            "large books need more: about 1 GB for a million accounts" if is_low else "",
        )


def check_store(url: str | None, database: str | None) -> Iterator[Check]:
    """Look whether the embedded engine is there, and ask a store whether it holds a whole book."""
    try:
        yield Check("embedded store", "ok", f"arcadedb-embedded {version('arcadedb-embedded')}")
    except PackageNotFoundError:
        yield Check(
            "embedded store", "warn", "is not installed; files and Neo4j work without it",
            "pip install 'graphrisk[embedded]' to ask an analysis folder without a server",
        )  # fmt: skip
    try:
        store = opened(url, database)
        if store is not None:
            with store:
                yield Check("store", "ok", f"{store.name} answers; {store.view().state()}")
    except GraphRiskError as error:
        yield Check("store", "fail", error.found, error.hint, error.exit_code)


CHECKS: tuple[Callable[[], Iterator[Check]], ...] = (check_versions, check_analysis, check_place)


def _tiny_analysis() -> float:
    """Analyse three accounts, one of them bad; return how far terms and risk differ."""
    import numpy as np
    import polars as pl

    from graphrisk.pipeline import analyze

    found = analyze(
        {
            "accounts": pl.DataFrame({"account_id": ["A1", "A2", "A3"]}),
            "identifiers": pl.DataFrame(
                {"account_id": ["A1", "A2"], "kind": ["device"] * 2, "value": ["D1"] * 2}
            ),
            "labels": pl.DataFrame(
                {"entity_kind": ["account"], "entity_id": ["A1"], "label": ["default"]}
            ),
        },
        n_threads=1,
    )
    sums = found.evidence.group_by("account_id").agg(pl.col("nats").sum()).sort("account_id")
    from_terms = 1.0 / (1.0 + np.exp(-sums["nats"].to_numpy()))
    return float(np.abs(from_terms - found.decisions["risk_prob"].to_numpy()).max())


def _cache_folder() -> Check:
    """Find the folder where compiled kernels are kept between runs."""
    from graphrisk.propagation import reach

    kept = next(v.stats.cache_path for v in vars(reach).values() if hasattr(v, "stats"))
    if kept and os.access(kept, os.W_OK):
        return Check("kernel cache", "ok", str(kept))
    return Check(
        "kernel cache", "warn", f"{kept} can't be written; every run compiles again",
        "set NUMBA_CACHE_DIR to a folder that can be written",
    )  # fmt: skip


def _missing(name: str, found: str, hint: str) -> Check:
    return Check(name, "fail", found, hint, ExitCode.BACKEND_UNAVAILABLE)


def _named(requirement: str) -> tuple[str, str]:
    """Split ``polars>=1.30`` into its name and the rest."""
    name = re.match(r"[A-Za-z0-9_.-]+", requirement)
    assert name is not None, requirement
    return name[0], requirement[name.end() :].strip()


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text)[:3])


def _python_version() -> str:
    import platform

    return platform.python_version()


def _memory_available_bytes() -> int | None:
    """Ask the system for the memory that is free, or could be made free."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    found = next((line for line in lines if line.startswith("MemAvailable:")), None)
    return int(found.split()[1]) * 1024 if found else None
