"""``graphrisk analyze``: read a dataset, decide every account, write the analysis folder."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from graphrisk.cli.baseline import baseline_of
from graphrisk.cli.console import progress, say_json, show, table
from graphrisk.cli.leftovers import left_out
from graphrisk.cli.places import here
from graphrisk.cli.refusing import say_refused, show_quarantine
from graphrisk.cli.spark import Wanted, analyze_on_spark, spark_options
from graphrisk.cli.storing import (
    FROM_STORE,
    beside,
    keep,
    opened,
    store_options,
    stored_dataset,
    told,
)
from graphrisk.errors import ExitCode, UsageError
from graphrisk.spark.uri import Uri, place_of

if TYPE_CHECKING:
    from graphrisk.intake.dataset import Dataset
    from graphrisk.intake.limits import Baseline
    from graphrisk.learn.model import FittedModel
    from graphrisk.model.policy import Policy
    from graphrisk.pipeline import Analysis
    from graphrisk.report.run_record import Run
    from graphrisk.stores.base import Store


def read_moment(ctx: click.Context, param: click.Parameter, value: str | None) -> datetime | None:
    """Read an ISO 8601 date or date-time; one without an offset is in UTC."""
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError as error:
        raise click.BadParameter(
            f"{value!r} is not a time; write a date such as 2026-06-30, or a date-time such "
            "as 2026-06-30T12:00:00Z",
            ctx,
            param,
        ) from error
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError as error:  # the first and the last day that there are, in some zones
        raise click.BadParameter(f"{value!r} lies beyond all times in UTC", ctx, param) from error


def now() -> datetime:
    """Read the clock; nothing below the command line does."""
    return datetime.now(UTC)


@click.command(
    epilog="""\b
Examples:
  graphrisk analyze book
  graphrisk analyze book --out monday.analysis --as-of 2026-06-29
  graphrisk analyze book --policy stricter.toml --json
  graphrisk analyze book --model book.model.json
  graphrisk analyze book --store embedded:book.store
  graphrisk analyze - --store embedded:book.store""",
)
@click.argument("dataset", type=place_of)
@click.option(
    "--out",
    type=place_of,
    metavar="DIR",
    help="Folder to write; an earlier analysis there is replaced.  "
    "[default: NAME.analysis in the current directory, NAME being the dataset's]",
)
@click.option(
    "--mapping",
    metavar="NAME|FILE",
    help="How to read the tables: a shipped mapping (standard, finbench) or a TOML file.  "
    "[default: standard]",
)
@click.option(
    "--policy",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="TOML laid over the default policy; see graphrisk policy show.",
)
@click.option(
    "--model",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="What graphrisk fit learned; its hash stands in every decision.  "
    "[default: the policy's own model]",
)
@click.option(
    "--as-of",
    callback=read_moment,
    metavar="TIME",
    help="Decide as of this moment: nothing known later is used. A date means its midnight, UTC.  "
    "[default: the newest fact of the dataset]",
)
@click.option(
    "--threads",
    "n_threads",
    type=click.IntRange(min=1),
    metavar="N",
    help="Threads to use; the result does not depend on it.  [default: all processors]",
)
@click.option(
    "--baseline",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="An earlier analysis to hold the dataset against: it is refused if a file or a column "
    "is gone, or if a file has less than half of its rows.",
)
@store_options
@spark_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
@click.pass_context
def analyze(
    ctx: click.Context,
    dataset: Path | Uri,
    out: Path | Uri | None,
    mapping: str | None,
    policy: Path | None,
    model: Path | None,
    as_of: datetime | None,
    n_threads: int | None,
    baseline: Path | None,
    store_url: str | None,
    database: str | None,
    engine: str,
    spark_master: str,
    spark_blocks: int | None,
    spark_dir: Path | Uri | None,
    spark_fresh: bool,
    as_json: bool,
) -> None:
    """Decide every account of DATASET, a folder of tables, or - for what the store holds.

    Writes an analysis folder, whole or not at all: decisions, evidence, the risk of every entity,
    the graph, the quarantine, a record of the run and a report. Exits 0 if all rows were read,
    3 if some are in quarantine, 4 if the dataset was refused, 6 if the store is not there.

    With --store the dataset is loaded into the store, by what differs, and what was found is
    written beside it, seen by nobody before all of it is there. With - and --mapping a graph of
    your own is read, and nothing is written into it.

    With --engine spark DATASET and --out may be URIs of any file system that Spark reads and
    writes, such as hdfs://HOST:PORT/FOLDER.
    """
    started_at = now()
    is_stored = str(dataset) == FROM_STORE
    if out is None:
        whole = dataset if isinstance(dataset, Uri) else dataset.resolve()
        out = Path(f"{'store' if is_stored else whole.name}.analysis")
    if engine != "spark":
        dataset, out = here(dataset, "DATASET"), here(out, "--out")
    _check(dataset, out, as_of, started_at)
    if n_threads is not None:  # polars reads it once, when it is first imported
        os.environ.setdefault("POLARS_MAX_THREADS", str(n_threads))
    from graphrisk.intake.dataset import DatasetRefused
    from graphrisk.learn.model import load_model
    from graphrisk.model.policy import Policy
    from graphrisk.report.folder import write_refusal
    from graphrisk.report.run_record import Run

    rules = Policy.default() if policy is None else Policy.load(policy)
    fitted = None if model is None else load_model(model)
    run = Run(str(dataset), started_at, started_at, {})
    earlier = None if baseline is None else baseline_of(baseline)
    if engine == "spark":
        wanted = Wanted(
            dataset, out, mapping, rules, fitted, as_of, earlier, store_url, database,
            spark_master, spark_blocks, spark_dir, spark_fresh,
        )  # fmt: skip
        ctx.exit(analyze_on_spark(wanted, run, now, as_json=as_json))
    dataset, out = here(dataset, "DATASET"), here(out, "--out")
    store = opened(store_url, database)
    kept: dict[str, Any] = {}
    try:
        with store or nullcontext(), progress() as doing:
            tables, seconds = _read(dataset, mapping, run, earlier, store, doing)
            run = replace(run, seconds={"read": seconds})
            analysis, record = _analyze(tables, rules, fitted, as_of, n_threads, out, run, doing)
            if store is not None and not (is_stored and mapping):
                with beside(out):
                    kept = keep(store, analysis, doing, is_there=is_stored)
    except DatasetRefused as refused:
        written = write_refusal(out, refused, replace(run, finished_at=now()))
        ctx.exit(say_refused(refused, written, as_json=as_json))
    code = ExitCode.QUARANTINED if len(analysis.dataset.quarantine) else ExitCode.CLEAN
    if as_json:
        say_json(_summary(record, out, code) | ({"store": kept} if kept else {}))
    else:
        _say(analysis, record, out)
        if kept:
            click.echo(told(kept))
    ctx.exit(code)


def _check(dataset: Path | Uri, out: Path | Uri, as_of: datetime | None, clock: datetime) -> None:
    """Find out what can't work before any work is done; of URIs, Spark finds out once it runs."""
    if isinstance(dataset, Path) and not dataset.is_dir() and str(dataset) != FROM_STORE:
        raise UsageError(
            f"{dataset} {'is a file' if dataset.exists() else 'does not exist'}",
            expected="a folder of CSV or Parquet tables",
            hint="name the folder that holds them, or write a sample with graphrisk demo DIR",
        )
    if as_of is not None and as_of > clock:
        raise UsageError(
            f"--as-of {as_of:%Y-%m-%dT%H:%M:%SZ} lies ahead of the clock",
            expected=f"a moment not after {clock:%Y-%m-%dT%H:%M:%SZ}",
            hint="leave --as-of out to take the newest fact of the dataset",
        )
    from graphrisk.report.layout import MAY_HOLD, REFUSAL_NAMES, refusal_folder
    from graphrisk.report.publish import check_replaceable

    if isinstance(out, Path):
        check_replaceable(out.resolve(), MAY_HOLD)
        check_replaceable(refusal_folder(out.resolve()), REFUSAL_NAMES)


def _read(
    dataset: Path,
    mapping: str | None,
    run: Run,
    baseline: Baseline | None,
    store: Store | None,
    doing: Callable[[str], None],
) -> tuple[Dataset, float]:
    """Read the tables, of the folder or of the store, and take the time."""
    from graphrisk.intake.read import read_dataset
    from graphrisk.intake.shelf import Shelf

    doing("Read and validate the tables.")
    start = time.perf_counter()
    if str(dataset) == FROM_STORE:
        tables = stored_dataset(store, mapping, run.started_at)
    else:
        tables = read_dataset(
            dataset, mapping=mapping, received_at=run.started_at, baseline=baseline
        )
    # On a shelf from here on: nobody up the stack keeps tables that are put away.
    return replace(tables, tables=Shelf(tables.tables)), time.perf_counter() - start


def _analyze(
    tables: Dataset,
    policy: Policy,
    model: FittedModel | None,
    as_of: datetime | None,
    n_threads: int | None,
    out: Path,
    run: Run,
    doing: Callable[[str], None],
) -> tuple[Analysis, dict[str, Any]]:
    """Decide and write; return the analysis and the record of the run."""
    from graphrisk.pipeline import analyze as decide
    from graphrisk.report.folder import drafted

    with drafted(out, n_threads) as draft:
        analysis = decide(
            draft.shelve(tables), policy, as_of,
            model=model, n_threads=n_threads, progress=doing, on_made=draft.write,
        )  # fmt: skip
        doing("Write the analysis folder.")
        return analysis, draft.finish(analysis, run, now)


def _summary(record: dict[str, Any], out: Path, code: ExitCode) -> dict[str, Any]:
    """Return what ``--json`` prints."""
    return {
        "exit_code": int(code),
        "out": str(out),
        "as_of": record["as_of"],
        "model_version": record["model_version"],
        "policy_hash": record["policy"]["hash"],
        "counts": {**record["counts"], **record["rows"]},
        "tiers": record["tiers"],
        "quarantine": record["quarantine"],
        "not_used": {
            "columns": record["unknown_columns"],
            "files": record["unread_files"],
            "rows": record["unselected_rows"],
        },
        "seconds": round(sum(record["seconds"].values()), 3),
    }


def _say(analysis: Analysis, record: dict[str, Any], out: Path) -> None:
    """Print the summary for people, with one decision explained."""
    from graphrisk.explain.show import text_of
    from graphrisk.report.chosen import example, explained, wording_of

    rows, counts = record["rows"], record["counts"]
    n_protected = int(analysis.is_protected().sum())
    click.echo(
        f"{rows['n_rows_read']:,} rows read: {rows['n_accepted']:,} accepted, "
        f"{rows['n_duplicates']:,} duplicates, {rows['n_quarantined']:,} quarantined.\n"
        f"{counts['n_accounts']:,} accounts, {counts['n_entities']:,} entities, "
        f"{counts['n_links']:,} links; protected hubs: {n_protected:,}.\n"
        f"As of {record['as_of'] or 'no date'}."
    )
    for line in left_out(analysis.dataset):
        click.echo(line)
    made = table("Decisions", "tier", "accounts", "share", numbers=("accounts", "share"))
    for tier, n_accounts in record["tiers"].items():
        made.add_row(tier, f"{n_accounts:,}", f"{n_accounts / max(counts['n_accounts'], 1):.1%}")
    show(made)
    if len(analysis.dataset.quarantine):
        show_quarantine(analysis.dataset)
    if counts["n_accounts"]:
        told = explained(analysis, wording_of(analysis), [example(analysis)])[0]
        click.echo(f"One decision explained\n\n{text_of(told, masked=True)}\n")
    click.echo(f"Analysis written to {out}")
