"""Evidence from the account's own labels."""

from __future__ import annotations

import numpy as np

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
    label = seeds.labels["label"].to_numpy() if len(seeds.labels) else np.zeros(0, dtype=object)
    of_account = np.where(ruling >= 0, label[ruling] if len(label) else "", "")
    own_nats = seeds.own_nats[accounts]
    terms = []
    for name, rule in policy.labels.items():
        here = of_account == name
        if not here.any():
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
        value = np.where(here, strength[accounts], np.nan)
        state = np.where(here, State.HIT, State.MISS).astype(np.int8)
        terms.append(Term(reason, np.where(here, own_nats, 0.0), value, state))
    return tuple(terms)
