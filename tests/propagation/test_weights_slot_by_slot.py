"""Each slot's weight, worked out slowly and by itself from the policy's rule for its link."""

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles.books import POLICY, books, graph_of
from oracles.towns import graph_of_town, towns

from graphrisk.graph.hubs import HUB_CLASSES, protected_hubs
from graphrisk.graph.overlap import alone_in_time, came_first
from graphrisk.graph.sharing import SHARING_KINDS, recognise
from graphrisk.model.times import DAY_US
from graphrisk.propagation.weights import MAX_PROB, weigh

GRAPHS = books().map(graph_of) | towns().map(graph_of_town)


def rule_of(graph, link):
    ends = graph.links.source[link], graph.links.target[link]
    kinds = tuple(graph.kinds[graph.kind_code[end]] for end in ends)
    return POLICY.relation_rule(graph.relations[graph.links.relation[link]], kinds)[1]


def crowding(graph, entity, relation, rule):
    """Damp a sender by its links of one relation, down to the floor."""
    links = graph.links
    of_relation = links.relation == relation
    touching = (links.source == entity).astype(int) + (links.target == entity)
    crowd = touching[of_relation].sum() / rule.hub_free_links
    return max(crowd**-rule.hub_exponent if crowd > 1 else 1.0, rule.hub_floor)


def freshness(graph, link, rule):
    if not rule.half_life_days > 0:
        return 1.0
    age_days = (graph.as_of_us - int(graph.links.last_seen_at[link])) / DAY_US
    return max(0.5 ** max(age_days / rule.half_life_days, 0.0), rule.age_floor)


@settings(max_examples=60, deadline=None)
@given(graph=GRAPHS, n_threads=st.integers(1, 3))
def test_every_slot_is_weighed_as_its_rule_says(graph, n_threads):
    weights = weigh(graph, POLICY, n_threads=n_threads)
    protected = protected_hubs(graph, POLICY.protection)
    sharing = recognise(graph, protected, POLICY.innocent_sharing)
    alone = alone_in_time(graph, weights.grace_days)
    first = came_first(graph, POLICY.guards.limit_owner_days)
    rows = np.repeat(np.arange(graph.n_entities), np.diff(graph.offsets))
    for slot, (row, near, link) in enumerate(zip(rows, graph.neighbor, graph.link, strict=True)):
        rule = rule_of(graph, link)
        from_source = graph.links.source[link] == row
        carries = rule.toward_target_prob if from_source else rule.toward_source_prob
        age = freshness(graph, link, rule)
        hub = crowding(graph, row, graph.links.relation[link], rule)
        is_open = protected[row] < 0 and protected[near] < 0
        passes = sharing.passes[slot]
        expected = min(carries * age * is_open * hub, MAX_PROB) * passes
        assert math.isclose(weights.out_prob[slot], expected, rel_tol=1e-12)

        family = rule.source_family if from_source else rule.target_family
        assert weights.families[weights.family_in[slot]] == family
        vouches = rule.vouches_for_target if from_source else rule.vouches_for_source
        assert weights.vouches[slot] == (vouches > 0)

        at_thing = graph.kinds[graph.kind_code[row]] != "account"
        to_account = at_thing and graph.kinds[graph.kind_code[near]] == "account"
        own_only = at_thing and bool(alone[link])
        assert weights.own_only[slot] == own_only
        assert weights.claimable[slot] == (rule.claimable > 0)
        assert weights.claimed[slot] == (rule.claimable > 0 and to_account and bool(first[link]))

        crowd = protected[row] < 0 or HUB_CLASSES[protected[row]] == "crowd"
        customer = sharing.kind[row] == SHARING_KINDS.index("kiosk") and passes < 1
        both_ways = rule.toward_target_prob > 0 and rule.toward_source_prob > 0
        ties = to_account and rule.ties > 0 and both_ways and not own_only
        share = max(hub * age * passes, POLICY.evidence.tie_floor)
        expected = share if ties and crowd and not customer else 0.0
        assert math.isclose(weights.tie_share[slot], expected, rel_tol=1e-6)
