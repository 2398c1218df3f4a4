"""``graphrisk analyze --engine spark``: the same analysis on the workers of a cluster."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from graphrisk.cli.console import progress, say_json, show, table
from graphrisk.cli.refusing import say_refused
from graphrisk.cli.storing import beside, check_shared, told
from graphrisk.errors import ExitCode, UsageError
from graphrisk.spark.uri import Uri, place_of

if TYPE_CHECKING:
    from graphrisk.intake.limits import Baseline
    from graphrisk.learn.model import FittedModel
    from graphrisk.model.policy import Policy
    from graphrisk.report.run_record import Run
    from graphrisk.spark.checkpoint import Asked
    from graphrisk.spark.engine import Found
    from graphrisk.spark.session import Cluster
    from graphrisk.spark.shipping import Ends

#: How the names of columns begin that ask for more than the surroundings of a block: walks, labels
#: hidden fold by fold, averages up to three links away, triangles and components.
WIDE = ("linked", "near", "neighbors", "structure")

Command = TypeVar("Command", bound=Callable[..., Any])


def spark_options(command: Command) -> Command:
    """Add the options that say where the work is done."""
    for option in reversed(
        (
            click.option(
                "--engine",
                type=click.Choice(["local", "spark"]),
                default="local",
                show_default=True,
                help="Where to work: in this process, or on the workers of a Spark cluster. "
                "What is decided is the same.",
            ),
            click.option(
                "--spark-master",
                metavar="URL",
                default="local[*]",
                show_default=True,
                help="The cluster's master, such as spark://host:7077.",
            ),
            click.option(
                "--spark-blocks",
                type=click.IntRange(min=1),
                metavar="N",
                help="Blocks to cut the book into; the result does not depend on it.  "
                "[default: two for each processor of the cluster]",
            ),
            click.option(
                "--spark-dir",
                type=place_of,
                metavar="DIR",
                help="A folder that all workers see under this name, for what they exchange; "
                "what is put there is removed at the end. Needed where --out is a URI.  "
                "[default: beside the analysis]",
            ),
            click.option(
                "--spark-fresh",
                is_flag=True,
                help="Begin anew where an earlier run of the same command was cut short; it goes "
                "on from there otherwise.",
            ),
        )
    ):
        command = option(command)
    return command


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for on the command line."""

    dataset: Path | Uri
    out: Path | Uri
    mapping: str | None
    policy: Policy
    model: FittedModel | None
    as_of: datetime | None
    baseline: Baseline | None
    store_url: str | None
    database: str | None
    master: str
    n_blocks: int | None
    folder: Path | Uri | None
    is_fresh: bool


def analyze_on_spark(
    wanted: Wanted, run: Run, clock: Callable[[], datetime], *, as_json: bool
) -> int:
    """Decide on a cluster, write the folder, and return the exit code."""
    _check(wanted)
    from graphrisk.intake.dataset import DatasetRefused
    from graphrisk.spark.claim import claimed
    from graphrisk.spark.engine import analyze
    from graphrisk.spark.folder import write_found
    from graphrisk.spark.session import Cluster, connect
    from graphrisk.spark.shipping import Ends

    with claimed(_folder_of(wanted), lambda text: click.echo(text, err=True)) as claim:
        session = connect(wanted.master)
        try:
            ends = Ends(session, wanted.dataset, wanted.out)
            ends.check()
            checkpoint = claim.checkpoint(
                _asked(wanted, ends), run.started_at, wanted.n_blocks,
                usual_blocks=2 * session.sparkContext.defaultParallelism, is_fresh=wanted.is_fresh,
            )  # fmt: skip
            run = replace(run, started_at=checkpoint.started_at)
            cluster = Cluster(
                session, checkpoint.root, checkpoint.n_blocks, checkpoint.resumed_from
            )
            with progress() as doing:
                start = time.perf_counter()
                source = ends.source(wanted.mapping, cluster.root, doing)
                if isinstance(wanted.dataset, Uri):
                    run = replace(run, seconds={"copied": time.perf_counter() - start})
                found = analyze(
                    cluster, source, wanted.policy, wanted.as_of,
                    mapping=wanted.mapping, received_at=run.started_at, baseline=wanted.baseline,
                    called=str(wanted.dataset), progress=doing, marks=checkpoint.marks,
                )  # fmt: skip
                doing("Sort the tables, and publish the analysis folder.")
                record = write_found(ends.target(cluster.root), cluster, found, run, clock)
                ends.deliver(cluster.root, doing)
                kept = _keep(cluster, found, wanted, doing)
        except DatasetRefused as refused:
            written = ends.refuse(refused, replace(run, finished_at=clock()))
            return say_refused(refused, written, as_json=as_json)
        finally:
            session.stop()
    n_quarantined = len(found.taken.dataset.quarantine)
    code = ExitCode.QUARANTINED if n_quarantined else ExitCode.CLEAN
    if as_json:
        say_json(_summary(record, wanted.out, code) | ({"store": kept} if kept else {}))
    else:
        _say(record, wanted.out)
        if kept:
            click.echo(told(kept))
    return int(code)


def _folder_of(wanted: Wanted) -> Path:
    """Name the folder of what workers exchange, so that the same command finds it again."""
    out = wanted.out if isinstance(wanted.out, Uri) else wanted.out.resolve()
    if isinstance(wanted.folder, Uri):
        raise UsageError(
            f"--spark-dir {wanted.folder}: a URI",
            expected="a folder that driver and workers have mounted under the same name",
            hint="tasks exchange small files there all the time, which no object store is made for",
        )
    if wanted.folder is not None:
        # Analyses in several places may have one name, and elsewhere any name.
        place = hashlib.sha256(str(out).encode()).hexdigest()[:8]
        name = re.sub(r"[^A-Za-z0-9._-]", "_", out.name)[:80]
        return wanted.folder.resolve() / f".{name}.{place}.spark"
    if isinstance(out, Uri):
        raise UsageError(
            f"--out {out} without --spark-dir",
            expected="--spark-dir DIR beside it: a mounted folder that driver and workers see",
            hint="with a folder of this machine as --out, what they exchange lies beside it",
        )
    return out.parent / f".{out.name}.spark"


def _asked(wanted: Wanted, ends: Ends) -> Asked:
    """Lay out what is asked: whatever could change what is found."""
    from graphrisk.report.run_record import versions
    from graphrisk.spark.checkpoint import asked_of

    dataset = wanted.dataset
    return asked_of(
        str(dataset if isinstance(dataset, Uri) else dataset.resolve()), ends.files(),
        mapping=wanted.mapping, policy_hash=wanted.policy.hash, as_of=wanted.as_of,
        baseline=wanted.baseline, versions=versions(),
    )  # fmt: skip


def _keep(
    cluster: Cluster, found: Found, wanted: Wanted, doing: Callable[[str], None]
) -> dict[str, Any]:
    """Let workers bring the store up to date; if that fails, say that the folder is there."""
    if wanted.store_url is None:
        return {}
    from graphrisk.spark.storing import Place, store_found

    with beside(wanted.out):
        stored = store_found(cluster, found, Place(wanted.store_url, wanted.database), doing)
    return {"name": wanted.store_url, **asdict(stored)}


def _check(wanted: Wanted) -> None:
    """Say what this engine does not do, before any work is done."""
    if wanted.model is not None:
        raise _too_wide(wanted.model)
    if wanted.policy.anomaly.on:
        raise UsageError(
            "a policy that looks for unlike accounts, with --engine spark",
            expected="one of the two",
        )
    if isinstance(wanted.dataset, Path) and not wanted.dataset.is_dir():
        raise UsageError(
            f"{wanted.dataset} with --engine spark", expected="a folder that the workers see"
        )
    check_shared(wanted.store_url, wanted.database)


def _too_wide(model: FittedModel) -> UsageError:
    """Say what a learned model asks for that no block sees."""
    from graphrisk.learn.model import BOOSTED

    names = (
        model.boosted.trees.names
        if model.chosen == BOOSTED
        else [shape.name for shape in model.additive.shapes]
    )
    n_wide = {begins: sum(name.startswith(f"{begins}.") for name in names) for begins in WIDE}
    found = ", ".join(f"{n} {begins}" for begins, n in n_wide.items() if n)
    return UsageError(
        "--model with --engine spark: learned models are not made in blocks; of the "
        f"{len(names)} columns of this model, these look further than a block sees: "
        f"{found or 'none'}",
        expected="the policy's own model",
        hint="leave --model out, or --engine; docs/spark.md says what each column asks for",
    )


def _summary(record: dict[str, Any], out: Path | Uri, code: ExitCode) -> dict[str, Any]:
    names = ("as_of", "model_version", "tiers", "quarantine", "engine")
    return {
        "exit_code": int(code),
        "out": str(out),
        **{name: record[name] for name in names},
        "policy_hash": record["policy"]["hash"],
        "counts": {**record["counts"], **record["rows"]},
        "seconds": round(sum(record["seconds"].values()), 3),
    }


def _say(record: dict[str, Any], out: Path | Uri) -> None:
    rows, counts = record["rows"], record["counts"]
    click.echo(
        f"{rows['n_rows_read']:,} rows read: {rows['n_accepted']:,} accepted, "
        f"{rows['n_duplicates']:,} duplicates, {rows['n_quarantined']:,} quarantined.\n"
        f"{counts['n_accounts']:,} accounts, {counts['n_entities']:,} entities, "
        f"{counts['n_links']:,} links, in {record['engine']['n_blocks']} blocks.\n"
        f"As of {record['as_of'] or 'no date'}."
    )
    made = table("Decisions", "tier", "accounts", "share", numbers=("accounts", "share"))
    for tier, n_accounts in record["tiers"].items():
        made.add_row(tier, f"{n_accounts:,}", f"{n_accounts / max(counts['n_accounts'], 1):.1%}")
    show(made)
    click.echo(f"Analysis written to {out}")
