"""Evidence from the account's own labels."""

from __future__ import annotations

import numpy as np
import polars as pl

from graphrisk.graph.linkgraph import LinkGraph
from graphrisk.model.evidence import OWN_FACTS, Group, Reason, State, Strength, Term
from graphrisk.model.policy import Policy, is_good
from graphrisk.propagation.seeds import Seeds

#: How the reason codes of labels begin.
LABEL = "LABEL_"


def record_terms(graph: LinkGraph, seeds: Seeds, policy: Policy) -> tuple[Term, ...]:
    """Make one term for each kind of label that rules over an account."""
    accounts = graph.accounts
    ruling = seeds.ruling[accounts]
    labelled = np.flatnonzero(ruling >= 0)
    label = (
        seeds.labels["label"].gather(ruling[labelled])
        if len(labelled)
        else pl.Series(dtype=pl.String)
    )
    own_nats = seeds.own_nats[accounts]
    terms = []
    for name, rule in policy.labels.items():
        here = labelled[(label == name).to_numpy()]
        if not len(here):
            continue
        good = is_good(name)
        reason = Reason(
            f"{LABEL}{name.upper()}",
            Group.GOOD if good else Group.OWN,
            OWN_FACTS,
            Strength.STRONG if rule.confirmed else Strength.WEAK,
            f"the account itself is recorded as {name.replace('_', ' ')}",
            "probability",
        )
        strength = seeds.good_strength if good else seeds.bad_strength
        value, state = np.full(len(accounts), np.nan), np.zeros(len(accounts), dtype=np.int8)
        nats = np.zeros(len(accounts))
        value[here], state[here], nats[here] = strength[accounts[here]], State.HIT, own_nats[here]
        terms.append(Term(reason, nats, value, state))
    return tuple(terms)
