"""Groups drawn as nodes and links, each with the table of what is in it."""

from __future__ import annotations

import numpy as np

from graphrisk.pipeline import Analysis
from graphrisk.report.charts import WIDTH, Canvas
from graphrisk.report.groups import Group, kinds_of, largest_groups
from graphrisk.report.markup import (
    Html,
    badge,
    figure,
    name_of,
    paragraph,
    side_by_side,
    table,
)
from graphrisk.report.nodes import RADIUS, draw_node, legend
from graphrisk.report.places import places_of

#: Room for a node at the edge, and for its number beside it.
_MARGIN, _SIDE = 18.0, 26.0


def groups_part(analysis: Analysis) -> Html:
    """Return the pictures of the largest groups, under one legend."""
    groups = largest_groups(analysis)
    if not groups:
        return paragraph("No two accounts share a thing that holds a group together.")
    lead = paragraph(
        "Accounts that share devices, documents and the like, most accounts above clear first. "
        "Full lines hold a group together, dashed ones are other links. Lenders, protected hubs "
        "and things that a single account uses are left out. Numbers lead to the table below "
        "each picture."
    )
    key = Html(f'<div class="legend">{legend(kinds_of(groups))}</div>')
    drawn = (_figure(group, number) for number, group in enumerate(groups, start=1))
    return Html(f"{lead}\n{key}\n{side_by_side(*drawn)}")


def _figure(group: Group, number: int) -> Html:
    n_drawn = sum(node.kind == "account" for node in group.nodes)
    says = f"{group.n_above:,} of {group.n_accounts:,} accounts above clear"
    if n_drawn < group.n_accounts:
        says += f"; the {n_drawn} nearest to the highest risk are drawn"
    title = f"Group {number}"
    canvas = _drawn(group, f"group-{number}", title, says)
    return figure(title, canvas, says, _table(group, title))


def _drawn(group: Group, name: str, title: str, says: str) -> Canvas:
    pairs = [(a, b) for a, b, _ in group.links]
    where = places_of(len(group.nodes), pairs, WIDTH / 2 - _SIDE)
    half = float(abs(where[:, 1]).max()) + _MARGIN
    where += np.array([WIDTH / 2, half])
    canvas = Canvas(name, 2 * half, title, says)
    spots = [(float(x), float(y)) for x, y in where]
    for a, b, holds in group.links:
        canvas.line(spots[a], spots[b], "link" if holds else "link-other")
    for place, ((x, y), node) in enumerate(zip(spots, group.nodes, strict=True), start=1):
        said = ", ".join(part for part in (node.name, node.tier, node.label) if part)
        draw_node(canvas, x, y, node.kind, node.tier, is_seed=node.is_seed, tip=f"{place}: {said}")
    for place, (x, y) in enumerate(spots, start=1):
        canvas.words(x + RADIUS, y - RADIUS + 2, str(place), "tiny")
    return canvas


def _table(group: Group, title: str) -> Html:
    near: dict[int, list[int]] = {place: [] for place in range(len(group.nodes))}
    for a, b, _ in group.links:
        near[a].append(b + 1)
        near[b].append(a + 1)
    rows = [
        (
            place + 1,
            name_of(node.name),
            badge(node.tier) if node.tier else "",
            node.label.replace("_", " "),
            ", ".join(map(str, sorted(near[place]))),
        )
        for place, node in enumerate(group.nodes)
    ]
    return table(
        f"Entities of {title.lower()}", ("no.", "entity", "tier", "label", "linked to"), rows
    )
