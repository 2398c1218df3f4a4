"""``graphrisk demo``: write a labelled sample book to try things on."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from graphrisk.cli.console import say_json


@click.command(
    epilog="""\b
Examples:
  graphrisk demo book
  graphrisk demo big-book --accounts 20000 --seed 7 --format parquet""",
)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--accounts",
    "n_accounts",
    type=int,
    default=2_000,
    show_default=True,
    metavar="N",
    help="Number of accounts, from 200.",
)
@click.option(
    "--seed", type=int, default=1, show_default=True, metavar="S", help="Same seed, same bytes."
)
@click.option(
    "--format",
    "file_format",
    type=click.Choice(["csv", "parquet"]),
    default="csv",
    show_default=True,
    help="Format of the tables.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
def demo(folder: Path, n_accounts: int, seed: int, file_format: str, as_json: bool) -> None:
    """Write a made-up book of accounts into DIR, with the truth in a folder of its own.

    Nobody in it exists. Half of the bad accounts carry a label; the others are there to be found.
    """
    from typing import cast

    from graphrisk.demo.book import FileFormat, write_book

    written = write_book(
        folder, n_accounts=n_accounts, seed=seed, file_format=cast("FileFormat", file_format)
    )
    if as_json:
        say_json(
            {
                "exit_code": 0,
                "out": str(folder),
                "n_accounts": written.n_accounts,
                "n_bad": written.n_bad,
                "n_labelled_bad": written.n_labelled_bad,
                "seed": written.seed,
                "n_rows": dict(written.n_rows),
            }
        )
        return
    tables = ", ".join(f"{name} {n:,}" for name, n in written.n_rows.items())
    click.echo(
        f"{written.n_accounts:,} accounts, {written.n_bad:,} of them bad, "
        f"{written.n_labelled_bad:,} of those labelled.\n"
        f"Rows: {tables}.\n"
        f"Written to {folder}; what it holds is told in README.md there.\n\n"
        f"Next: graphrisk analyze {shlex.quote(str(folder))}"
    )
