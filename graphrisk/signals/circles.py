"""Signals from guarantees: circles in which everybody guarantees the next, and guarantors of many.

Strong components by Tarjan (1972), without recursion.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from graphrisk.compiled import Codes, Ints, compiled
from graphrisk.model.policy import SignalRule
from graphrisk.signals.measure import Book

GUARANTEES = "guarantees"
#: Guarantees followed in the search of one account's circle. Real nets are sparse; where one is
#: so dense that its circles cannot be told apart, the search gives up before a level.
MOST_ARROWS = 2_000


def circle_sizes(book: Book, rule: SignalRule) -> NDArray[np.float64]:
    """Count the accounts that guarantee each other around, for accounts on a short circle.

    A circle has 2 to ``rule.most_links`` guarantees; the value is the size of the account's
    strongly connected component, 0 off any circle. Unknown for accounts without a guarantee.
    """
    accounts, source, arrow = guarantees_of(book)
    value = np.full(len(book.graph.accounts), np.nan)
    value[accounts] = circles_of(source, arrow, len(accounts), rule.most_links)
    return value


def circles_of(source: Ints, arrow: Ints, n_nodes: int, most_links: int) -> Ints:
    """Count for each node those of its circle, 0 off any short one, shape (n_nodes,)."""
    component = strong_components(*rows_of(source, arrow, n_nodes))
    size = np.bincount(component, minlength=n_nodes)[component]
    within = component[source] == component[arrow]
    on_circle = _on_circle(
        *rows_of(source[within], arrow[within], n_nodes), most_links, MOST_ARROWS
    )
    return np.where(on_circle, size, 0)


def n_guaranteed(book: Book, rule: SignalRule) -> NDArray[np.float64]:
    """Count the borrowers an account stands guarantor for; unknown without any guarantee."""
    accounts, source, _ = guarantees_of(book)
    value = np.full(len(book.graph.accounts), np.nan)
    value[accounts] = np.bincount(source, minlength=len(accounts))
    return value


def guarantees_of(book: Book) -> tuple[Ints, Ints, Ints]:
    """Accounts with a guarantee, and each guarantee between two of them as places among these."""
    graph, links = book.graph, book.graph.links
    if GUARANTEES not in graph.relations:
        return (np.zeros(0, dtype=np.int64),) * 3
    first, last = int(graph.accounts[0]), int(graph.accounts[-1])
    source, target = links.source.astype(np.int64), links.target.astype(np.int64)
    here = (links.relation == graph.relations.index(GUARANTEES)) & (source != target)
    here &= (source >= first) & (source <= last) & (target >= first) & (target <= last)
    ends = np.concatenate([source[here], target[here]]) - first
    accounts, place = np.unique(ends, return_inverse=True)
    n_guarantees = len(ends) // 2
    return accounts, place[:n_guarantees], place[n_guarantees:]


def rows_of(source: Ints, target: Ints, n_nodes: int) -> tuple[Ints, Ints]:
    """Lay arrows out by source: where each node's row begins, and the targets in rows."""
    offsets = np.concatenate(([0], np.cumsum(np.bincount(source, minlength=n_nodes))))
    return offsets.astype(np.int64), target[np.lexsort((target, source))]


@compiled
def strong_components(offsets: Ints, target: Ints) -> Ints:
    """Name each node's strongly connected component by a number below the count of nodes."""
    n = len(offsets) - 1
    component = np.full(n, -1, dtype=np.int64)
    found = np.full(n, -1, dtype=np.int64)  # order in which nodes were found
    low = np.zeros(n, dtype=np.int64)  # earliest node on the stack within reach
    ahead = offsets[:-1].copy()  # next arrow of each node
    path, stack = np.empty(n, dtype=np.int64), np.empty(n, dtype=np.int64)
    n_found, n_stacked, n_components = 0, 0, 0
    for root in range(n):
        n_path = 0
        if found[root] < 0:
            path[0], n_path = root, 1
        while n_path > 0:
            v = path[n_path - 1]
            if found[v] < 0:
                found[v] = low[v] = n_found
                n_found += 1
                stack[n_stacked] = v
                n_stacked += 1
            if ahead[v] < offsets[v + 1]:
                u = target[ahead[v]]
                ahead[v] += 1
                if found[u] < 0:
                    path[n_path] = u
                    n_path += 1
                elif component[u] < 0:
                    low[v] = min(low[v], found[u])
                continue
            n_path -= 1
            if n_path > 0:
                low[path[n_path - 1]] = min(low[path[n_path - 1]], low[v])
            if low[v] == found[v]:
                while component[v] < 0:
                    n_stacked -= 1
                    component[stack[n_stacked]] = n_components
                n_components += 1
    return component


@compiled
def _on_circle(offsets: Ints, target: Ints, most_links: int, most_arrows: int) -> Codes:
    """Search, breadth first, a way from each node back to itself.

    A level is taken whole or not at all, so the answer depends on no order of nodes.
    """
    n = len(offsets) - 1
    answer = np.zeros(n, dtype=np.int8)
    visited_by = np.full(n, -1, dtype=np.int64)
    queue = np.empty(n, dtype=np.int64)
    for root in range(n):
        queue[0] = root
        first, last, n_arrows = 0, 1, 0
        for _ in range(most_links):
            for i in range(first, last):
                n_arrows += offsets[queue[i] + 1] - offsets[queue[i]]
            if n_arrows > most_arrows or first == last or answer[root]:
                break
            end = last
            for i in range(first, last):
                for j in range(offsets[queue[i]], offsets[queue[i] + 1]):
                    u = target[j]
                    if visited_by[u] == root:
                        continue
                    visited_by[u] = root
                    if u == root:
                        answer[root] = 1
                    else:
                        queue[end] = u
                        end += 1
            first, last = last, end
    return answer
