"""How far innocent sharing lowers what arrives, and what an attacker can make of it.

What is recognised depends on all accounts of a thing, so whoever brings fake ones to a farm may
make it look like a kiosk. Two bounds hold, whatever he brings: no link falls below the floor's
share of what it carries without damping, and the link of an account that does not itself look
innocent (it used the thing for long, or shares more than one thing) is not damped at all.
"""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles.books import Book, seeds_in
from oracles.planted import is_caught
from oracles.towns import Town, Use, farm, graph_of_town, own_things, towns

from graphrisk.graph.hubs import is_identifier
from graphrisk.graph.linkgraph import LinkGraph
from graphrisk.model.kinds import SharingKind
from graphrisk.model.policy import Policy
from graphrisk.propagation.reach import reach, total_nats
from graphrisk.propagation.weights import Weights, weigh
from graphrisk.risk.additive import score
from graphrisk.signals.arrived import linked_evidence, propagate
from graphrisk.signals.linked import linked_terms
from graphrisk.signals.record import record_terms

UNIT_NATS = 2.0**-48
FLOOR = 0.25


def policy_of(strength: float) -> Policy:
    """Rules that recognise things of a few accounts already, and no hub damping."""
    base = Policy.from_mapping(
        {
            "innocent_sharing": {
                "floor": FLOOR,
                "least_prob": 0.3,
                **{str(kind): {"strength": strength} for kind in SharingKind},
                **{
                    kind: {"least_accounts": 3, "strength": strength}
                    for kind in ("dormitory", "shared_network", "kiosk")
                },
            }
        }
    )
    relations = {n: replace(rule, hub_exponent=0.0) for n, rule in base.relations.items()}
    return replace(base, relations=relations)


DAMPED, UNDAMPED = policy_of(1.0), policy_of(0.0)


def sent_by_things(graph: LinkGraph) -> np.ndarray:
    """Mark the slots in the rows of things."""
    return is_identifier(graph)[graph.row_of_slot()]


def at_floor(graph: LinkGraph) -> Weights:
    """Undamped weights with every link from a thing at the floor."""
    weights = weigh(graph, UNDAMPED)
    least = np.where(sent_by_things(graph), FLOOR, 1.0)
    return replace(weights, out_prob=weights.out_prob * least)


def nats_of(graph: LinkGraph, weights: Weights, bad: str) -> dict[str, float]:
    """Reach at every account, by its id, from one bad account."""
    strength = np.zeros(graph.n_entities)
    strength[graph.number_of("account", bad)] = 0.9
    reached = reach(
        graph.offsets, graph.neighbor, graph.reverse, weights.out_prob, strength,
        n_hops=5, own_only=weights.own_only,
    )  # fmt: skip
    nats = total_nats(graph.offsets, reached)[graph.accounts]
    return dict(zip(graph.index.ids[graph.kinds.index("account")], nats, strict=True))


def check_no_link_falls_below_the_floor(weigh, town: Town) -> None:
    graph = graph_of_town(town)
    damped, undamped = weigh(graph, DAMPED).out_prob, weigh(graph, UNDAMPED).out_prob
    assert (damped >= FLOOR * undamped).all()
    assert (damped <= undamped).all()
    assert (damped == undamped)[~sent_by_things(graph)].all()


def check_a_link_more_lowers_nobody_below_the_floor(weigh, case: tuple[Town, Town]) -> None:
    """Nor does it lower anybody at all where nothing is damped; parallel links round down."""
    town, more = case
    graph, bigger = graph_of_town(town), graph_of_town(more)
    for bad in sorted({use.account for use in town}):
        before = nats_of(graph, at_floor(graph), bad)
        after = nats_of(bigger, weigh(bigger, DAMPED), bad)
        assert all(after[name] >= nats - 30 * UNIT_NATS for name, nats in before.items())


@st.composite
def one_use_more(draw) -> tuple[Town, Town]:
    """A town, and the same with one use more by an account that is there already."""
    town = draw(towns())
    old = {(u.account, u.kind, u.thing) for u in town}
    account = draw(st.sampled_from(sorted({u.account for u in town})))
    thing = draw(st.sampled_from(sorted({(u.kind, u.thing) for u in town} | {("phone", "new")})))
    first = draw(st.sampled_from([700.0, 500.0, 490.0]))
    span = draw(st.sampled_from([0.0, 0.5, 200.0]))
    more = Use(account, *thing, first, first - span)
    return town, town if (account, *thing) in old else (*town, more)


@given(towns())
def test_no_link_falls_below_the_floor(town):
    check_no_link_falls_below_the_floor(weigh, town)


@given(one_use_more())
def test_a_link_more_lowers_nobody_below_the_floor(case):
    check_a_link_more_lowers_nobody_below_the_floor(weigh, case)


@st.composite
def fakes(draw) -> Town:
    """So many fake accounts on the farm's device, made to look as innocent as can be."""
    n = draw(st.integers(0, 60))
    days = draw(st.sampled_from([0.02, 0.5, 200.0]))
    every = draw(st.sampled_from([0.0, 3.0, 12.0]))
    have_own = draw(st.booleans())
    town: list[Use] = []
    for i in range(n):
        name, came = f"fake{i:03}", 990.0 - every * i
        town.append(Use(name, "device", "farm-device", came, came - days))
        town += own_things(name, came) if have_own else ()
    return tuple(town)


@given(st.integers(2, 12), st.sampled_from([1, 2]), fakes())
def test_fake_accounts_damp_no_account_that_works_on_the_device(n, n_in_common, fake):
    graph = graph_of_town((*farm(n, n_in_common=n_in_common), *fake))
    default = Policy.default()
    passes = weigh(graph, default).sharing.passes
    device = graph.number_of("device", "farm-device")
    for slot in range(graph.offsets[device], graph.offsets[device + 1]):
        if graph.name_of(int(graph.neighbor[slot])).startswith("account:f0"):
            assert passes[slot] == 1.0


@given(st.integers(2, 12), fakes())
def test_a_farm_that_hides_perfectly_still_passes_the_floors_share(n, fake):
    """Accounts of a farm that copy a kiosk's customers in everything."""
    hidden = [replace(u, last=u.first - 0.02) if u.kind == "device" else u for u in farm(n)]
    graph = graph_of_town((*hidden, *fake))
    for policy in (DAMPED, Policy.default()):
        rules = policy.innocent_sharing
        off = {str(k): replace(r, strength=0.0) for k, r in rules.rules().items()}
        undamped = weigh(graph, replace(policy, innocent_sharing=replace(rules, **off)))
        assert (weigh(graph, policy).out_prob >= rules.floor * undamped.out_prob).all()


@given(towns(), st.data())
def test_labels_change_no_weight_and_a_bad_one_lowers_nobody(town, data):
    graph = graph_of_town(town)
    accounts = sorted({use.account for use in town})
    label = st.sampled_from(["default", "fraud_suspected", "good_standing"])
    labels = data.draw(st.dictionaries(st.sampled_from(accounts), label, max_size=4))
    more = data.draw(st.sampled_from([a for a in accounts if labels.get(a) != "default"] or [""]))
    if not more:
        return

    def log_odds(labels: dict[str, str]) -> np.ndarray:
        book = Book((), {}, {("account", name): label for name, label in labels.items()})
        seeds, weights = seeds_in(book, graph, DAMPED), weigh(graph, DAMPED)
        propagated = propagate(graph, weights, seeds, DAMPED, n_threads=1)
        evidence = linked_evidence(graph.accounts, graph, weights, propagated)
        linked = linked_terms(evidence, np.ones(len(graph.accounts), dtype=bool), DAMPED)
        terms = (*record_terms(graph, seeds, DAMPED), *linked)
        return score(terms, len(graph.accounts), DAMPED.prior.risk_prob).log_odds

    assert (log_odds({**labels, more: "default"}) >= log_odds(labels)).all()
    if labels.get(more) is None:
        assert (log_odds({**labels, more: "good_standing"}) <= log_odds(labels)).all()


def floorless(graph: LinkGraph, policy: Policy) -> Weights:
    """Planted: damp by the probability itself, without a floor."""
    found = weigh(graph, UNDAMPED)
    prob = weigh(graph, DAMPED).sharing.prob[graph.row_of_slot()]
    return found if policy is UNDAMPED else replace(found, out_prob=found.out_prob * (1 - prob))


@pytest.mark.parametrize(
    ("check", "cases"),
    [
        (check_no_link_falls_below_the_floor, towns()),
        (check_a_link_more_lowers_nobody_below_the_floor, one_use_more()),
    ],
    ids=["link", "reach"],
)
def test_damping_without_a_floor_is_caught(check, cases):
    assert is_caught(check, floorless, cases)
