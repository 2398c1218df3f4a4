"""The analysis folder of a run on a cluster: parts sorted by the workers, published as one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from graphrisk.explain.waterfall import Waterfall
from graphrisk.graph.build import build_graph
from graphrisk.intake.dataset import Dataset
from graphrisk.intake.sheet import Sheet
from graphrisk.model.evidence import Reason, State
from graphrisk.model.kinds import Tier
from graphrisk.model.schema import plain
from graphrisk.model.times import iso
from graphrisk.pipeline import MODEL_VERSION, Analysis
from graphrisk.report import layout
from graphrisk.report.chosen import wording_with
from graphrisk.report.folder import write_json, write_text
from graphrisk.report.markup import Html, paragraph, section
from graphrisk.report.page import render
from graphrisk.report.publish import published, remove
from graphrisk.report.run_record import Run, head_of_record, policy_record
from graphrisk.report.tables import join_parts
from graphrisk.spark.deciding import Finished
from graphrisk.spark.engine import Found
from graphrisk.spark.ordering import sort_all
from graphrisk.spark.place import PARTS, Site
from graphrisk.spark.session import Cluster
from graphrisk.spark.taking import parts_of, tables_of

#: Tables that blocks write in parts: what they are sorted by, all columns for nothing, and the
#: files made of them.
_TABLES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "decisions": (("account_id",), (layout.DECISIONS, layout.DECISIONS_CSV)),
    "evidence": (("account_id", "row_in_block"), (layout.EVIDENCE,)),
    "entities": (("kind", "entity_id"), (layout.ENTITIES,)),
    "graph-entities": (("kind", "entity_id"), (f"{layout.GRAPH}/entities.parquet",)),
    "graph-links": (
        ("source_kind", "source_id", "target_kind", "target_id", "relation"),
        (f"{layout.GRAPH}/links.parquet",),
    ),
    "graph-labels": ((), (f"{layout.GRAPH}/labels.parquet",)),
}
#: Links of the largest book whose page is drawn with its groups and cases: one worker holds it.
MOST_LINKS_DRAWN = 5_000_000


def write_found(
    folder: Path, cluster: Cluster, found: Found, run: Run, clock: Callable[[], datetime]
) -> dict[str, Any]:
    """Write the analysis folder, whole or not at all, and return its record.

    Parameters are those of :func:`graphrisk.report.folder.write_analysis`.
    """
    dataset, reasons = found.taken.dataset, _reasons(found)
    with published(folder, layout.MAY_HOLD) as partial:
        (partial / layout.GRAPH).mkdir()
        _write_sorted(cluster, partial)
        (partial / layout.DATASET).mkdir()
        for table, none in dataset.tables.items():
            file = partial / layout.DATASET / f"{table}.parquet"
            join_parts(parts_of(cluster.root, table), none.schema, file)
        dataset.quarantine.write_ndjson(partial / layout.QUARANTINE)
        dataset.unlinked.write_ndjson(partial / layout.UNLINKED)
        dataset.spellings.write_parquet(partial / layout.SPELLINGS)
        write_json(asdict(wording_with(reasons, found.policy)), partial / layout.REASONS)
        write_json(plain(found.policy), partial / layout.POLICY)
        write_text(_page(cluster, partial, found, reasons, run), partial / layout.PAGE)
        seconds = {**run.seconds, **found.seconds}
        record = _record(found, replace(run, finished_at=clock(), seconds=seconds), cluster)
        write_json(record, partial / layout.RECORD)
    remove(layout.refusal_folder(folder), layout.REFUSAL_NAMES)
    return record


def _write_sorted(cluster: Cluster, folder: Path) -> None:
    """Let workers sort the parts of all tables, and join them into files."""
    schemas = {table: _schema(cluster, table) for table in _TABLES}
    ordered = sort_all(cluster, {
        table: by or tuple(schemas[table]) for table, (by, _) in _TABLES.items()
    })  # fmt: skip
    for table, (_, files) in _TABLES.items():
        for file in files:
            join_parts(ordered[table], schemas[table], folder / file)


def _schema(cluster: Cluster, table: str) -> pl.Schema:
    """Return the columns of a table, without those that only serve its order."""
    part = next((cluster.root / PARTS / table).glob("*.parquet"))
    schema = pl.scan_parquet(part, glob=False).collect_schema()
    return pl.Schema({name: kind for name, kind in schema.items() if name != "row_in_block"})


def _reasons(found: Found) -> dict[str, Reason]:
    """Put the reasons of all blocks together, in the order of the largest list."""
    lists = sorted((list(block.reasons) for block in found.blocks), key=len, reverse=True)
    codes = list(dict.fromkeys(code for codes in lists for code in codes))
    every = {code: reason for block in found.blocks for code, reason in block.reasons.items()}
    return {code: every[code] for code in codes}


def _total(counts: list[Mapping[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for count in counts:
        total.update(count)
    return dict(sorted(total.items(), key=lambda item: (-item[1], item[0])))


def _states(found: Found, reasons: Mapping[str, Reason]) -> dict[str, dict[str, int]]:
    """Count states by reason; where a block does not have one, all its accounts are misses."""
    states = {}
    for code in reasons:
        counts = dict.fromkeys((state.word for state in State), 0)
        for block in found.blocks:
            for state, n in block.states.get(code, {State.MISS.word: block.n_accounts}).items():
                counts[state] += n
        states[code] = counts
    return states


def tiers_of(found: Found) -> dict[str, int]:
    """Count the accounts of each tier, from clear to close."""
    total = _total([block.tiers for block in found.blocks])
    return {tier.word: total.get(tier.word, 0) for tier in Tier}


def _record(found: Found, run: Run, cluster: Cluster) -> dict[str, Any]:
    blocks: list[Finished] = found.blocks
    hubs = pl.concat([block.hubs for block in blocks]).sort(
        "n_accounts", "kind", "entity_id", descending=[True, False, False]
    )
    return {
        **head_of_record(run, found.taken.dataset),
        "as_of": iso(found.as_of) or None,
        "model_version": MODEL_VERSION,
        "policy": policy_record(found.policy),
        "counts": {
            "n_accounts": sum(block.n_accounts for block in blocks),
            "n_entities": sum(block.n_entities for block in blocks),
            "n_links": sum(block.n_links for block in blocks),
        },
        "tiers": tiers_of(found),
        "rules": _total([block.rules for block in blocks]),
        "signal_states": _states(found, _reasons(found)),
        "hubs": hubs.head(20).to_dicts(),
        "n_threads": 1,
        "seed": None,
        "engine": {
            "name": "spark",
            "n_blocks": cluster.n_blocks,
            "n_exchanges": dict(found.n_exchanges),
            "resumed_from": list(cluster.resumed_from),
        },
    }


def _page(
    cluster: Cluster, folder: Path, found: Found, reasons: Mapping[str, Reason], run: Run
) -> str:
    """Draw the page on a worker, or, of a large book, only its counts."""
    name = Path(run.dataset).name
    if sum(block.n_links for block in found.blocks) > MOST_LINKS_DRAWN:
        return _short_page(found, name)
    told = (
        _states(found, reasons), dict(reasons), plain(found.policy), found.as_of, name,
        found.taken.dataset,
    )  # fmt: skip
    files = tuple(str(folder / file) for file in
                  (layout.DECISIONS, layout.EVIDENCE, layout.ENTITIES))  # fmt: skip
    (page,) = cluster.map(draw, [(*files, *told)])
    return str(page)


def draw(
    site: Site,
    decisions: str,
    evidence: str,
    entities: str,
    states: Mapping[str, Mapping[str, int]],
    reasons: Mapping[str, Reason],
    policy: dict[str, Any],
    as_of: datetime | None,
    name: str,
    dataset: Dataset,
) -> str:
    """Draw the page of a finished analysis."""
    from graphrisk.model.policy import Policy

    book = replace(dataset, tables=tables_of(site))
    rules = Policy.from_mapping(policy)
    analysis = Analysis(
        decisions=pl.read_parquet(decisions, glob=False),
        waterfall=Waterfall.of(pl.read_parquet(evidence, glob=False)),
        risks=Sheet.of(pl.read_parquet(entities, glob=False)),
        dataset=book,
        graph=build_graph(book, as_of=as_of),
        policy=rules,
        as_of=as_of,
        n_threads=1,
        signal_states=states,
        reasons=reasons,
        seconds={},
    )
    return render(analysis, wording_with(reasons, rules), name)


def _short_page(found: Found, name: str) -> str:
    """Write a page of counts alone."""
    from graphrisk.report.charts import safe

    lines = [paragraph(f"{tier}: {n:,} accounts") for tier, n in tiers_of(found).items()]
    more = paragraph(
        "The book is too large to be drawn; decisions.parquet and evidence.parquet hold all of it."
    )
    body = section("decisions", "Decisions", Html("\n".join([*lines, more])))
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f"<title>Analysis of {safe(name)}</title>\n</head>\n<body>\n<main>\n{body}\n</main>\n"
        f"</body>\n</html>\n"
    )
