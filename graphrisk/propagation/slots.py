"""The loop that lays the weights of links out over slots: see ``graphrisk.propagation.weights``."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from graphrisk.compiled import Codes, Flags, Floats, Ints, Numbers, Shorts, compiled

#: Which end of its link a slot's row is.
AT_SOURCE, AT_TARGET = 0, 1


@compiled
def lay_out(
    first: int,
    last: int,
    offsets: Ints,
    neighbor: Numbers,
    link: Numbers,
    target: Numbers,
    # Of links
    rule_of_link: Shorts,
    confidence: Floats,
    age: Floats,
    hub: Floats,
    alone: Flags,
    had_first: Flags,
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

    Columns with two values for each link or rule have that of the row at the link's source
    first. A product's factors stand in one order, on which its last bit depends.
    """
    for v in range(first, last):
        for j in range(offsets[v], offsets[v + 1]):
            k, u = link[j], neighbor[j]
            rule, end = rule_of_link[k], AT_TARGET if target[k] == v else AT_SOURCE
            common = confidence[k] * age[k]
            if not (is_open[v] and is_open[u]):
                common = 0.0
            prob = outward_prob[rule, end] * common * hub[end, k]
            out_prob[j] = min(prob, most_prob) * passes[j]
            family_in[j] = family[rule, end]
            own_only[j] = alone[k] and is_thing[v]
            vouches[j] = vouches_outward[rule, end]
            from_thing = is_thing[v] and not is_thing[u]
            claimable[j] = claimable_by[rule]
            claimed[j] = claimable_by[rule] and from_thing and had_first[k]
            can_tie = from_thing and ties[rule] and not own_only[j]
            # Of a kiosk, those are not tied who used it as its customers do.
            if can_tie and not declared[v] and not (at_kiosk[v] and passes[j] < 1.0):
                share = max(hub[end, k] * age[k] * passes[j], tie_floor)
                tie_share[j] = np.float32(share * confidence[k])
            else:
                tie_share[j] = np.float32(0.0)
    return 0
