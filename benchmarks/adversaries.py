"""Measure attacks, and write docs/adversaries.md: ``python benchmarks/adversaries.py [--hub N]``.

Every attack of ``tests/adversary/attacks.py`` is run with 1, 10, 100 and 1,000 accounts. With
``--hub`` (a million unless told otherwise) one public address with that many accounts is analysed
too, by the program as a user calls it.
"""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import polars as pl

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from adversary.attacks import (  # type: ignore[import-not-found]  # noqa: E402
    FOR_ACCOMPLICES,
    ON_VICTIMS,
    WITH_THE_VICTIMS_OWN,
    Attack,
    attacked,
    on_target,
)

SIZES = (0, 1, 10, 100, 1_000)
PAGE = ROOT / "docs" / "adversaries.md"
HUB = ROOT / "benchmarks" / "hub.json"

TEXT = """# Adversaries

Written by `python benchmarks/adversaries.py`, with the default policy of this version. Small
made-up books, in-sample by nature: they show what the rules do, not how often it happens. The
attacks are in `tests/adversary/attacks.py`, and tests hold what is said to hold.

An attacker has k accounts. He knows the victim's address, network and account number, can name
anybody as guarantor or contact, can pay anybody, and can file reports. Each cell is the tier, and
the risk in brackets.

## On an honest victim

Goal: nobody above review. Above review: **{n_above} of {n_cells}**.

{victims}

## With what is the victim's own

A device id that an app reports can be forged, and a telephone number written in a form need not
be one's own. Such links are believed, up to review: limiting needs two things that the account came
to after others, or one and its own facts. Goal: nobody above review. Above review:
**{n_claimed_above} of {n_cells_claimed}**.

{claimed}

## For an accomplice

He shares a device with a confirmed fraudster (k = 0). Goal: not cleared, that is monitor at
least. Cleared: **{n_cleared} of {n_cells_accomplices}**.

{accomplices}

Under an account that uses a thing with a confirmed fraudster, at the same time, there is a floor:
review while few use the thing, monitor however many do. Fakes damp what arrives, and payments bring
good evidence; neither goes below it. Why a crowd ends at monitor, and what is not held:
[0039](adr/0039-ties-and-claims.md).

## One address, a million accounts

{hub}
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hub", type=int, nargs="?", const=1_000_000, metavar="N")
    hub = parser.parse_args().hub
    if hub:
        HUB.write_text(json.dumps(measure_hub(hub), indent=2) + "\n", encoding="utf-8")
    victims, claimed, accomplices = map(
        measure, (ON_VICTIMS, WITH_THE_VICTIMS_OWN, FOR_ACCOMPLICES)
    )
    at_work = [row[2:] for row in victims]
    page = TEXT.format(
        victims=table(victims),
        claimed=table(claimed),
        accomplices=table(accomplices),
        n_above=sum(cell[0] in ("limit", "close") for row in at_work for cell in row),
        n_cells=sum(len(row) for row in at_work),
        n_cleared=sum(cell[0] == "clear" for row in accomplices for cell in row[2:]),
        n_claimed_above=sum(cell[0] in ("limit", "close") for row in claimed for cell in row[2:]),
        n_cells_claimed=sum(len(row[2:]) for row in claimed),
        n_cells_accomplices=sum(len(row[2:]) for row in accomplices),
        hub=hub_text(),
    )
    PAGE.write_text(page, encoding="utf-8", newline="\n")


def measure(attacks: Iterable[Attack]) -> list[list[Any]]:
    """Return, for each attack: its name and text, and what each size of it does."""
    return [
        [(attack.__name__, (attack.__doc__ or "").strip()),
         *(on_target(attacked(attack, k)) for k in SIZES)]
        for attack in attacks
    ]  # fmt: skip


def table(rows: list[list[Any]]) -> str:
    header = ["attack", *(f"k = {k:,}" for k in SIZES)]
    lines = [header, ["---"] * len(header)]
    for (name, text), *cells in rows:
        lines.append([f"`{name}`: {text}", *(f"{tier} ({risk:.2f})" for tier, risk in cells)])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def measure_hub(n_accounts: int) -> dict[str, Any]:
    """Analyse one public address with many accounts, one of them a confirmed fraudster."""
    with tempfile.TemporaryDirectory() as place:
        book, out = Path(place) / "book", Path(place) / "out"
        book.mkdir()
        number = pl.int_range(n_accounts, eager=True).cast(pl.String).str.zfill(7)
        ids = pl.DataFrame({"account_id": "A" + number})
        ids.with_columns(opened_at=pl.lit("2023-01-01T00:00:00Z")).write_csv(book / "accounts.csv")
        ids.with_columns(kind=pl.lit("ip"), value=pl.lit("8.8.4.4")).write_csv(
            book / "identifiers.csv"
        )
        (book / "labels.csv").write_text(
            "entity_kind,entity_id,label,event_at,known_at,source\n"
            "account,A0000000,fraud_confirmed,2024-06-01T00:00:00Z,2024-06-01T00:00:00Z,own\n"
        )
        command = [sys.executable, "-c", "from graphrisk.cli.main import main; main()", "analyze"]
        subprocess.run([*command, str(book), "--out", str(out), "--json"], check=True,
                       stdout=subprocess.DEVNULL)  # fmt: skip
        record = json.loads((out / "run.json").read_text(encoding="utf-8"))
    return {
        "n_accounts": n_accounts,
        "seconds": round(sum(record["seconds"].values()), 1),
        "peak_memory_mib": record["peak_memory_bytes"] >> 20,
        "tiers": record["tiers"],
        "n_threads": record["n_threads"],
        "python": platform.python_version(),
    }


def hub_text() -> str:
    if not HUB.is_file():
        return "Not measured: run the script with `--hub`."
    told = json.loads(HUB.read_text(encoding="utf-8"))
    tiers = ", ".join(f"{n:,} {tier}" for tier, n in told["tiers"].items() if n)
    return (
        f"`python benchmarks/adversaries.py --hub`: one public IP address with "
        f"{told['n_accounts']:,} accounts, one a confirmed fraudster. {told['seconds']} seconds of "
        f"wall time, {told['peak_memory_mib']:,} MiB at most, on {told['n_threads']} threads "
        f"(Python {told['python']}, other work beside it). Tiers: {tiers}. The address is a "
        "protected crowd; the one account above clear is the fraudster himself."
    )


if __name__ == "__main__":
    main()
