"""Where the nodes of a small picture stand: a tree around its middle, pulled to even lengths.

The same links give the same places: no chance is in it. Stress majorization after Gansner, Koren
and North, "Graph Drawing by Stress Majorization" (2004).
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_ROUNDS = 150
_PUSHES = 200
#: Longest a link is drawn, and least that nodes stand apart, in units of the picture.
_LONGEST_LINK = 62.0
_LEAST_APART = 30.0
#: How much more a picture may be stretched downwards than across.
_MOST_STRETCH = 1.4
#: Below one, far nodes move closer, so that near ones get room.
_EXPONENT = 0.75

Places = NDArray[np.float64]


def places_of(n_nodes: int, links: Sequence[tuple[int, int]], radius: float) -> Places:
    """Place nodes so that distances follow the number of links between them.

    Parameters
    ----------
    n_nodes, links
        The picture's graph: pairs of node numbers.
    radius
        How large a picture may be from its middle, in units of the picture.

    Returns
    -------
    numpy.ndarray
        Shape (n_nodes, 2), around (0, 0), within ``radius`` each way.
    """
    near: list[list[int]] = [[] for _ in range(n_nodes)]
    for a, b in links:
        near[a].append(b)
        near[b].append(a)
    apart = np.array([_distances(near, v) for v in range(n_nodes)])
    apart[np.isinf(apart)] = min(apart[np.isfinite(apart)].max() + 1, 4)
    where = _tree(near, int(np.argmin(apart.max(axis=1))))
    return _pushed(_fitted(_even(where, apart**_EXPONENT), radius), radius)


def _distances(near: list[list[int]], start: int) -> list[float]:
    steps = [math.inf] * len(near)
    steps[start] = 0.0
    queue = deque([start])
    while queue:
        v = queue.popleft()
        for u in near[v]:
            if steps[u] == math.inf:
                steps[u] = steps[v] + 1
                queue.append(u)
    return steps


def _tree(near: list[list[int]], middle: int) -> Places:
    """Place a tree around its middle, each branch in a wedge as wide as it has leaves."""
    parent, order = {middle: middle}, [middle]
    for v in [middle, *range(len(near))]:
        if v not in parent:
            parent[v] = middle
            order.append(v)
        queue = deque([v])
        while queue:
            one = queue.popleft()
            for u in near[one]:
                if u not in parent:
                    parent[u] = one
                    order.append(u)
                    queue.append(u)
    leaves, depth = dict.fromkeys(order, 1), {middle: 0}
    for v in order[1:]:
        depth[v] = depth[parent[v]] + 1
    for v in reversed(order[1:]):
        leaves[parent[v]] += leaves[v]
    start, free = {middle: 0.0}, {middle: 0.0}
    where = np.zeros((len(near), 2))
    for v in order[1:]:
        up = parent[v]
        start[v] = free[v] = free[up]
        free[up] += math.tau * leaves[v] / leaves[middle]
        angle = start[v] + math.pi * leaves[v] / leaves[middle]
        where[v] = depth[v] * math.cos(angle), depth[v] * math.sin(angle)
    return where


def _even(where: Places, apart: Places) -> Places:
    """Move nodes until their distances are as even as can be."""
    wanted = apart + np.eye(len(apart))
    weight = wanted**-2 * (1 - np.eye(len(apart)))
    total = np.maximum(weight.sum(axis=1), 1e-9)
    for _ in range(_ROUNDS):
        gap = where[:, None, :] - where[None, :, :]
        length = np.maximum(np.sqrt((gap**2).sum(axis=2)), 1e-6)
        pull = (weight * apart / length)[:, :, None] * gap + weight[:, :, None] * where[None, :, :]
        where = pull.sum(axis=1) / total[:, None]
    return where


def _fitted(where: Places, radius: float) -> Places:
    """Turn the longer side across, and fill the room."""
    where = where - (where.max(axis=0) + where.min(axis=0)) / 2
    if np.ptp(where[:, 1]) > np.ptp(where[:, 0]):
        where = where[:, ::-1]
    across, down = np.maximum(np.abs(where).max(axis=0), 1e-6)
    scale = min(radius / across, _LONGEST_LINK)
    return np.asarray(where * np.array([scale, min(radius / down, scale * _MOST_STRETCH)]))


def _pushed(where: Places, radius: float) -> Places:
    """Push nodes apart that would cover each other."""
    for _ in range(_PUSHES):
        gap = where[:, None, :] - where[None, :, :]
        length = np.sqrt((gap**2).sum(axis=2)) + np.eye(len(where)) * _LEAST_APART
        close = np.maximum(_LEAST_APART - length, 0.0) / np.maximum(length, 1e-3)
        where = np.clip(where + (gap * close[:, :, None]).sum(axis=1) / 3, -radius, radius)
    return where
