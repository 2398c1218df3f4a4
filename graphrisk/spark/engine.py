"""The analysis on a cluster, step by step: what ``pipeline.stages`` is on one machine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from graphrisk.errors import NotConverged, UsageError
from graphrisk.graph.verdicts import Verdicts
from graphrisk.intake.limits import Baseline
from graphrisk.model.policy import Policy
from graphrisk.model.schema import plain
from graphrisk.model.times import iso
from graphrisk.propagation.seeds import prevalence_of
from graphrisk.spark import (
    counting,
    crowds,
    deciding,
    divided,
    holding,
    ranks,
    rounds,
    route,
    sharing,
    tracing,
    weighing,
    wide,
)
from graphrisk.spark.deciding import Finished
from graphrisk.spark.place import ALL, Site, forget, tell_all
from graphrisk.spark.session import Cluster
from graphrisk.spark.stages import Progress, Stages
from graphrisk.spark.taking import Taken, take


@dataclass(frozen=True, slots=True)
class Run:
    """What every block knows of a run: policy, moment, and the columns of each table."""

    policy: Policy
    as_of: datetime | None
    schemas: Mapping[str, pl.Schema]

    def __reduce__(self) -> tuple[Any, ...]:
        return _told, (plain(self.policy), self.as_of, self.schemas)


def _told(content: dict[str, Any], as_of: datetime | None, schemas: Any) -> Run:  # noqa: ANN401
    """Make a run of what was packed: a policy travels as what is written in its file."""
    return Run(Policy.from_mapping(content), as_of, schemas)


@dataclass(slots=True)
class Found:
    """What a run found; the tables lie in parts in the shared folder.

    ``seconds`` and ``n_exchanges`` say how long the steps took, and how often borders were
    exchanged by each kernel.
    """

    taken: Taken
    policy: Policy
    as_of: datetime | None
    blocks: list[Finished] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    n_exchanges: dict[str, int] = field(default_factory=dict)


def analyze(
    cluster: Cluster,
    source: str | Path,
    policy: Policy,
    as_of: datetime | None = None,
    *,
    mapping: str | Path | None = None,
    received_at: datetime | None = None,
    baseline: Baseline | None = None,
    called: str | None = None,
    progress: Progress = lambda _: None,
    marks: Path | None = None,
) -> Found:
    """Decide every account of a dataset on a cluster.

    Parameters are those of :func:`graphrisk.pipeline.analyze`; what is found has the same bytes
    in every number, whatever the number of blocks and workers. In the folder ``marks`` stands
    which stages are done; they are not done again. Whoever gives one sees to it that the marks are
    of the same question (:mod:`graphrisk.spark.checkpoint`). ``called`` is the
    name of a folder of which ``source`` is a copy.

    Raises
    ------
    DatasetRefused
        If the dataset can't be used.
    UsageError
        If no account was open by ``as_of``.
    """
    stages = Stages(progress, marks)
    # A worker stands in another folder than the driver.
    if mapping is not None and Path(mapping).is_file():
        mapping = Path(mapping).resolve()
    with_mapping = None if mapping is None else str(mapping)
    taken = stages.once(
        "read",
        "Read and validate the tables, file by file, and settle their rows.",
        lambda: take(
            cluster, str(Path(source).resolve()), with_mapping, received_at, baseline, called
        ),
    )
    found = Found(taken, policy, taken.newest_at if as_of is None else as_of)
    schemas = {name: rows.schema for name, rows in taken.dataset.tables.items()}
    tell_all(cluster.root, "run", Run(policy, found.as_of, schemas))
    stages.once(
        "graph",
        "Route rows to blocks, and build the graph of each.",
        lambda: _build(cluster, found),
    )
    stages.once(
        "weights",
        "Count what each owner sees, recognise innocent sharing, weigh links.",
        lambda: _weigh(cluster, found),
    )
    found.n_exchanges = _propagate(cluster, found, stages)
    last = found.n_exchanges
    found.blocks = stages.once(
        "decided",
        "Decide, explain and write every block's part.",
        lambda: cluster.run(deciding.finish, last["reach"], last["rank"], last["groups"]),
        lambda _: _free(cluster, "*", but=_TO_THE_END),
    )
    found.seconds = stages.seconds
    return found


#: What is kept of a run until it is published: its question, and what a store is told of the book.
_TO_THE_END = ("run", "divided", "hubs", "block")


def _free(cluster: Cluster, *kept: str, but: tuple[str, ...] = ()) -> None:
    """Remove what blocks kept for a stage that is done, and for none after it."""
    for name in kept:
        forget(cluster.root, kept=name, but=but)


def _build(cluster: Cluster, found: Found) -> None:
    """Route rows to blocks, and build each block's graph."""
    hubs = _divide(cluster, found.policy)
    cluster.run(route.route, hubs)
    n_linked = np.sum(cluster.run(route.meet, hubs), axis=0)
    # So many rows name it, but not so many accounts: it is no crowd, and one block's.
    limit_accounts = hubs.names["limit_accounts"].fill_null(-1).to_numpy()
    too_few = n_linked <= limit_accounts
    given_back = bool(too_few.any())
    if given_back:
        cluster.run(route.give_back, hubs.without(~too_few))
        hubs = hubs.without(too_few)
    tell_all(cluster.root, "divided", hubs)
    n_accounts, held = zip(*cluster.run(route.build, hubs, given_back), strict=True)
    tell_all(cluster.root, "hubs", holding.add_up(held, hubs))
    if not sum(n_accounts):
        raise UsageError(
            f"no account was open as of {iso(found.as_of)}",
            expected="a moment after the first account was opened",
            hint="choose a later as_of, or leave it out to take the newest fact",
        )
    for post in ("named", "rows", "accounts", "given-back"):
        forget(cluster.root, post=post)
    forget(cluster.root, kept="tables")


def _divide(cluster: Cluster, policy: Policy) -> divided.Divided:
    """Choose the hubs whose rows are divided."""
    told = cluster.run(divided.name_hubs)
    named = cluster.run(divided.much_named, sum(one.n_rows for one in told))
    return divided.choose(told, named, policy)


def _weigh(cluster: Cluster, found: Found) -> None:
    """Find what whole rows say, and weigh every link."""
    counts = cluster.run(counting.count)
    n_bad, n_accounts = (sum(part) for part in zip(*counts, strict=True))
    _recognise_sharing(cluster, found.policy)
    prevalence_prob = prevalence_of(n_bad, n_accounts, found.policy)
    sent = weighing.add_up(cluster.run(weighing.weigh_block, prevalence_prob))
    cluster.run(weighing.tell, sent)
    cluster.run(rounds.begin)
    cluster.map(wide.put_together, [()])
    for kept in (
        "counted", "context", "crowds", "judged", "untied", "homes", "roofs", "sharing", "own_nats",
        "sent",
    ):  # fmt: skip
        forget(cluster.root, kept=kept)
    for post in (
        "counted", "uses", "came", "tied-in-crowds", "homes", "roofs", "shared", "pairs", "tied",
        "guarantees",
    ):  # fmt: skip
        forget(cluster.root, post=post)


def _recognise_sharing(cluster: Cluster, policy: Policy) -> None:
    """Recognise what is shared innocently, and add up what blocks say of divided hubs."""
    everyone = Site(str(cluster.root), ALL, cluster.n_blocks)
    hubs, facts = everyone.recall("divided"), everyone.recall("hubs")
    n_hubs, rules = hubs.names.height, policy.innocent_sharing
    cluster.run(sharing.uses)
    n_came = np.sum(cluster.run(sharing.homes), axis=0)
    verdicts = Verdicts.none(n_hubs)
    if hubs.is_crowd.any():
        counted = np.sum(cluster.run(crowds.count_facts), axis=0)
        verdicts = crowds.recognise(hubs, facts.n_accounts, counted, n_came, rules)
    under = cluster.run(sharing.shared, verdicts)
    cluster.run(sharing.named, verdicts, crowds.most_under_one_roof(under, n_hubs))


def _propagate(cluster: Cluster, found: Found, stages: Stages) -> dict[str, int]:
    """Run the rounds of all kernels, and follow the strongest paths; return the exchanges."""
    n_rounds, most = rounds.n_rounds(found.policy), found.policy.pagerank.max_sweeps
    stages.once(
        "reach",
        "Pass risk over links, round by round, and search paths.",
        lambda: _repeat(cluster, rounds.exchange, n_rounds + 1, n_rounds),
        lambda _: _free(
            cluster, "cores", "turns", "search", "telling-*", "reach-*", "found-*",
            but=(f"reach-{n_rounds}", f"found-{n_rounds}"),
        ),
    )  # fmt: skip
    n_spread = stages.once(
        "rank",
        "Spread mass until not one unit moves.",
        lambda: _repeat(cluster, ranks.spread, most),
        lambda n: _free(cluster, "ranks", "mass-*", but=(f"mass-{n + 1}",)),
    )
    n_groups = stages.once(
        "groups",
        "Name groups of linked entities.",
        lambda: _repeat(cluster, wide.group, most),
        lambda n: _free(cluster, "local", "group-*", but=(f"group-{n}",)),
    )
    stages.once(
        "trails",
        "Follow the strongest evidence path of each family.",
        lambda: _repeat(cluster, tracing.follow, found.policy.reach.n_hops + 1, n_rounds),
        lambda _: _free(cluster, "witness", "found-*"),
    )
    return {"reach": n_rounds, "rank": n_spread + 1, "groups": n_groups}


def _repeat(cluster: Cluster, step: Callable[..., int], most: int, *args: object) -> int:
    """Repeat a step until nothing changes in any block; return the number of the last round."""
    number = cluster.repeat(step, most, *args)
    if number is None:
        raise NotConverged(
            f"{step.__name__} still changed something after {most} rounds",
            expected="a fixed point",
            hint="raise pagerank.max_sweeps in the policy, or lower pagerank.damping",
        )
    return number
