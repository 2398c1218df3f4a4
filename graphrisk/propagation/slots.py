"""The loop that lays the weights of links out over slots: see ``graphrisk.propagation.weights``."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from graphrisk.compiled import Codes, Flags, Floats, Ints, Numbers, compiled

#: What slots ask of their links, side by side: a slot then asks for one line of memory. Hub
#: factors are those of the row at the link's source, and at its target.
LINK_FACTS = np.dtype(
    [
        ("hub_at_source", np.float64),
        ("hub_at_target", np.float64),
        ("age", np.float64),
        ("target", np.int32),
        ("rule", np.int16),
        ("alone", np.bool_),
        ("had_first", np.bool_),
    ]
)


@compiled
def lay_out(
    first: int,
    last: int,
    offsets: Ints,
    neighbor: Numbers,
    link: Numbers,
    # Of links
    facts: NDArray[np.void],
    confidence: Floats,
    # Of rules
    outward_prob: Floats,
    family: Codes,
    vouches_outward: Flags,
    ties: Flags,
    claimable_by: Flags,
    # Of entities
    is_thing: Flags,
    is_open: Flags,
    declared: Flags,
    at_kiosk: Flags,
    # Of slots, and what is written
    passes: Floats,
    most_prob: float,
    tie_floor: float,
    out_prob: Floats,
    family_in: Codes,
    own_only: Flags,
    vouches: Flags,
    tie_share: NDArray[np.float32],
    claimable: Flags,
    claimed: Flags,
) -> int:
    """Weigh the slots of a range of rows.

    ``facts`` are ``LINK_FACTS``. Columns with two values for each rule have that of the row at the
    link's source first. A product's factors stand in one order, on which its last bit depends.
    """
    for v in range(first, last):
        for j in range(offsets[v], offsets[v + 1]):
            u, k = neighbor[j], link[j]
            fact, certainty = facts[k], confidence[k]
            rule, at_target = fact.rule, fact.target == v
            end = 1 if at_target else 0
            hub = fact.hub_at_target if at_target else fact.hub_at_source
            common = certainty * fact.age
            if not (is_open[v] and is_open[u]):
                common = 0.0
            prob = outward_prob[rule, end] * common * hub
            out_prob[j] = min(prob, most_prob) * passes[j]
            family_in[j] = family[rule, end]
            own_only[j] = fact.alone and is_thing[v]
            vouches[j] = vouches_outward[rule, end]
            from_thing = is_thing[v] and not is_thing[u]
            claimable[j] = claimable_by[rule]
            claimed[j] = claimable_by[rule] and from_thing and fact.had_first
            can_tie = from_thing and ties[rule] and not own_only[j]
            # Of a kiosk, those are not tied who used it as its customers do.
            if can_tie and not declared[v] and not (at_kiosk[v] and passes[j] < 1.0):
                share = max(hub * fact.age * passes[j], tie_floor)
                tie_share[j] = np.float32(share * certainty)
            else:
                tie_share[j] = np.float32(0.0)
    return 0
