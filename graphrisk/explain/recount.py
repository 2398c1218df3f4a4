"""Sharing signals of one account, counted again without some of its links."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from graphrisk.graph.hubs import n_linked_accounts
from graphrisk.graph.linkgraph import LinkGraph
from graphrisk.model.evidence import Term
from graphrisk.model.policy import Policy
from graphrisk.signals.catalog import CATALOG, nats_of

SHARED = "SHARED_"
RING = "RING"
#: A ring needs as many identifiers in common.
RING_IDENTIFIERS = 2


def sharing_without(
    graph: LinkGraph,
    row: NDArray[np.int64],
    disproved: NDArray[np.bool_],
    terms: Sequence[Term],
    policy: Policy,
) -> dict[str, float]:
    """Say what the account's sharing signals would bring.

    Parameters
    ----------
    graph
        The part of the graph around the account.
    row
        The account's slots, shape (n,).
    disproved
        Which of them to leave out, shape (n,).
    terms
        The account's terms, each of length one.
    policy
        The rules of the signals.

    Returns
    -------
    dict
        Nats by reason code, for the signals that the disproved links bear on.
    """
    neighbor = graph.neighbor[row]
    others = n_linked_accounts(graph)[neighbor] - 1
    codes = [f"{SHARED}{graph.kinds[kind].upper()}" for kind in graph.kind_code[neighbor].tolist()]
    lost: dict[str, int] = {}
    for code, count in zip(np.array(codes)[disproved], others[disproved], strict=True):
        lost[str(code)] = lost.get(str(code), 0) + int(count)
    rules = {signal.code: policy.signals[signal.rule] for signal in CATALOG}
    nats = {
        term.reason.code: float(
            nats_of(term.value - lost[term.reason.code], rules[term.reason.code])[0]
        )
        for term in terms
        if term.reason.code in lost and term.reason.code in rules
    }
    counted = {code for code in codes if code in rules}
    still = sum(
        code in counted and count > 0 and not gone
        for code, count, gone in zip(codes, others, disproved, strict=True)
    )
    return nats if still >= RING_IDENTIFIERS else {**nats, RING: 0.0}
