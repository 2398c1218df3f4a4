"""Groups of accounts that share things: the largest ones with accounts above clear."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphrisk.explain.account import masked_entity
from graphrisk.graph.components import components
from graphrisk.graph.linkgraph import LinkGraph
from graphrisk.graph.part import part_of
from graphrisk.graph.walk import around
from graphrisk.model.evidence import Strength
from graphrisk.model.kinds import EntityKind, Tier
from graphrisk.model.policy import Policy, is_good
from graphrisk.pipeline import Analysis

MOST_GROUPS = 6
MOST_NODES = 40
#: Entities looked at around the account with the highest risk, before the nearest are chosen.
_MOST_MET = 400
_FEWEST_GROUPS = 3

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Node:
    """An entity of a drawn group. ``tier`` is empty unless it is an account."""

    name: str
    kind: str
    tier: str
    label: str

    @property
    def is_seed(self) -> bool:
        """Whether it carries a label against it."""
        return bool(self.label) and not is_good(self.label)


@dataclass(frozen=True, slots=True)
class Group:
    """A group of accounts, as much of it as is drawn.

    ``links`` holds pairs of positions in ``nodes``, and whether the link holds the group
    together.
    """

    nodes: tuple[Node, ...]
    links: tuple[tuple[int, int, bool], ...]
    n_accounts: int
    n_above: int


def largest_groups(analysis: Analysis) -> list[Group]:
    """Find the groups with the most accounts above clear, at least two accounts each.

    A group is held together by links of strong families. A book that has hardly any such links
    is grouped by all links. Lenders and protected hubs hold nothing together.
    """
    found: list[Group] = []
    for strong_only in (True, False):
        keep = _holding(analysis, strong_only=strong_only)
        found = _groups(analysis, keep)
        if len(found) >= _FEWEST_GROUPS:
            break
    return found


def _holding(analysis: Analysis, *, strong_only: bool) -> Flags:
    """Mark the links that hold groups together, shape (n_links,)."""
    graph, links = analysis.graph, analysis.graph.links
    barred = analysis.is_protected().copy()
    barred[graph.of_kind(EntityKind.LENDER)] = True
    n_kinds, kind = len(graph.kinds), graph.kind_code.astype(np.int32)
    code = (links.relation * np.int32(n_kinds) + kind[links.source]) * np.int32(n_kinds)
    code += kind[links.target]
    holds = np.zeros(len(graph.relations) * n_kinds * n_kinds, dtype=bool)
    holds[code] = True
    if strong_only:
        for one in np.flatnonzero(holds).tolist():
            holds[one] = _is_strong(one, graph, analysis.policy)
    told = holds[code]
    return np.asarray(told & ~barred[links.source] & ~barred[links.target])


def _is_strong(code: int, graph: LinkGraph, policy: Policy) -> bool:
    rest, target = divmod(code, len(graph.kinds))
    relation, source = divmod(rest, len(graph.kinds))
    ends = (graph.kinds[source], graph.kinds[target])
    _, rule = policy.relation_rule(graph.relations[relation], ends)
    return policy.families[rule.target_family].strength == Strength.STRONG


def _groups(analysis: Analysis, keep: Flags) -> list[Group]:
    graph, n = analysis.graph, analysis.graph.n_entities
    component = components(graph, keep)[graph.accounts]
    above = (analysis.decisions["tier"] != Tier.CLEAR.word).to_numpy()
    n_accounts = np.bincount(component, minlength=n)
    n_above = np.bincount(component[above], minlength=n)
    roots = np.flatnonzero((n_above > 0) & (n_accounts > 1))
    order = roots[np.lexsort((roots, -n_accounts[roots], -n_above[roots]))][:MOST_GROUPS]
    risk = analysis.decisions["risk_prob"].to_numpy()
    follows = keep[graph.link]
    found = []
    for root in order:
        members = np.flatnonzero(component == root)
        start = int(graph.accounts[members[np.argmax(risk[members])]])
        met = around(graph.offsets, graph.neighbor, start, follows, n_hops=12, most=_MOST_MET)
        part, _, links = part_of(graph, met)
        first = int(np.searchsorted(met, start))
        chosen = _nearest(part, first, keep[links])
        counts = int(n_accounts[root]), int(n_above[root])
        found.append(_drawn(analysis, part, met, chosen, keep[links], counts))
    return found


def _nearest(part: LinkGraph, start: int, keep: Flags) -> list[int]:
    """Choose the nearest accounts, and the things that at least two of them share."""
    lists: list[list[int]] = [
        sorted({int(part.neighbor[slot]) for slot in range(first, last) if keep[part.link[slot]]})
        for first, last in pairwise(part.offsets.tolist())
    ]
    accounts = set(part.accounts.tolist())
    useful = {v for v, near in enumerate(lists) if v in accounts or len(near) > 1}
    met, seen, queue = [start], {start}, deque([start])
    while queue and len(met) < MOST_NODES:
        for u in lists[queue.popleft()]:
            if u in useful and u not in seen and len(met) < MOST_NODES:
                seen.add(u)
                met.append(u)
                queue.append(u)
    return sorted(v for v in met if v in accounts or len(seen.intersection(lists[v])) > 1)


def _drawn(
    analysis: Analysis,
    part: LinkGraph,
    met: NDArray[np.int32],
    chosen: list[int],
    keep: Flags,
    counts: tuple[int, int],
) -> Group:
    place = {v: i for i, v in enumerate(chosen)}
    pairs: dict[tuple[int, int], bool] = {}
    ends = zip(part.links.source.tolist(), part.links.target.tolist(), keep.tolist(), strict=True)
    for source, target, holds in ends:
        if source in place and target in place and source != target:
            pair = min(place[source], place[target]), max(place[source], place[target])
            pairs[pair] = pairs.get(pair, False) or holds
    numbers = met[chosen]
    first = int(analysis.graph.accounts[0])
    is_account = np.isin(numbers, analysis.graph.accounts)
    rows = np.where(is_account, numbers - first, 0)
    tiers = analysis.decisions["tier"].gather(rows)
    labels = analysis.risks.take(numbers, ["label"])["label"]
    nodes = tuple(
        Node(
            masked_entity(part.name_of(v)),
            part.kinds[part.kind_code[v]],
            tier if account else "",
            label,
        )
        for v, account, tier, label in zip(chosen, is_account, tiers, labels, strict=True)
    )
    links = tuple((a, b, holds) for (a, b), holds in sorted(pairs.items()))
    return Group(nodes, links, *counts)


def kinds_of(groups: list[Group]) -> list[str]:
    """List the kinds that occur."""
    return sorted(pl.Series([n.kind for g in groups for n in g.nodes], dtype=pl.String).unique())
