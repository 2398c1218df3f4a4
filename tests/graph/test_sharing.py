"""Homes, dormitories, networks and kiosks are told from farms by who shares what, and when."""

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles.books import numbered
from oracles.towns import (
    Seen,
    Thing,
    Town,
    Use,
    farm,
    graph_of_town,
    look,
    own_things,
    strangers,
    towns,
)

from graphrisk.graph.sharing import SHARING_KINDS, Sharing, recognise
from graphrisk.graph.verdicts import SHARING_FACTS
from graphrisk.model.policy import Policy
from graphrisk.model.sharing_rules import InnocentSharing

RULES = Policy.default().innocent_sharing
#: The same rules for towns of a few accounts.
SMALL = Policy.from_mapping(
    {
        "innocent_sharing": {
            "least_prob": 0.3,
            "tie_accounts": 4,
            **{kind: {"least_accounts": 3} for kind in ("dormitory", "shared_network", "kiosk")},
        }
    }
).innocent_sharing


def recognised(town: Town, rules: InnocentSharing = RULES) -> dict[Thing, Seen]:
    """What is recognised, by name."""
    graph = graph_of_town(town)
    found = recognise(graph, np.full(graph.n_entities, -1, np.int8), rules)
    names = numbered(graph.index)
    seen = {}
    for number in np.flatnonzero(found.kind >= 0):
        slots = range(graph.offsets[number], graph.offsets[number + 1])
        passes = {names[graph.neighbor[s]][1]: float(found.passes[s]) for s in slots}
        seen[names[number]] = Seen(
            SHARING_KINDS[found.kind[number]], float(found.prob[number]), passes
        )
    return seen


HOME = tuple(
    use
    for i, came in enumerate((900.0, 640.0, 300.0))
    for use in (
        Use(f"h{i}", "address", "home", came, 0.0),
        Use(f"h{i}", "ip", "router", came, 0.0),
        *own_things(f"h{i}", came),
    )
)


class TestExamples:
    def test_a_home_and_its_router(self) -> None:
        seen = recognised(HOME)
        assert {thing: one.kind for thing, one in seen.items()} == {
            ("address", "home"): "household",
            ("ip", "router"): "household",
        }
        assert all(one.prob > 0.8 for one in seen.values())

    def test_a_router_is_a_homes_only_if_all_its_users_live_there(self) -> None:
        passer_by = Use("x", "ip", "router", 500.0, 100.0)
        assert set(recognised((*HOME, passer_by))) == {("address", "home")}

    def test_an_address_whose_accounts_came_at_once_and_share_phones_is_no_home(self) -> None:
        town = [Use(f"h{i}", "address", "drop", 300.0, 0.0) for i in range(4)]
        town += [Use(f"h{i}", "phone", "one", 300.0, 0.0) for i in range(4)]
        assert not recognised(tuple(town))

    def test_a_kiosk(self) -> None:
        town = strangers("device", "shop", 20, days=0.02, every=30)
        (seen,) = recognised(town).values()
        assert (seen.kind, seen.prob > 0.8) == ("kiosk", True)

    def test_a_farm_is_no_kiosk(self) -> None:
        assert not recognised(farm(20))
        assert not recognised(farm(20, n_in_common=2))

    def test_nor_is_a_device_whose_uses_were_seen_at_one_moment(self) -> None:
        """How long they lasted is not known, and strangers alone make no kiosk."""
        assert not recognised(strangers("device", "shop", 20, days=0.0, every=1))

    def test_a_network_of_strangers(self) -> None:
        (seen,) = recognised(strangers("ip", "gateway", 40, days=200, every=15)).values()
        assert seen.kind == "shared_network"

    def test_a_farms_line_is_no_network_of_strangers(self) -> None:
        assert not recognised(farm(40, n_in_common=2))

    def test_a_dormitory_lends_its_name_to_its_network(self) -> None:
        residents = strangers("address", "hall", 12, days=300, every=40)
        network = [replace(u, kind="ip", thing="lan") for u in residents if u.kind == "address"]
        seen = recognised((*residents, *network))
        assert [one.kind for one in seen.values()] == ["dormitory", "dormitory"]

    def test_roommates_with_one_device_are_no_strangers_and_their_links_are_not_damped(
        self,
    ) -> None:
        residents = strangers("address", "hall", 12, days=300, every=40)
        tablet = [Use(name, "device", "tablet", 300.0, 0.0) for name in ("s000", "s001")]
        passes = recognised((*residents, *tablet))["address", "hall"].passes
        assert {name for name, share in passes.items() if share == 1.0} == {"s000", "s001"}

    def test_a_protected_thing_ties_nobody(self) -> None:
        residents = strangers("address", "hall", 12, days=300, every=40)
        shop = [Use(f"s{i:03}", "device", "shop", 300.0, 0.0) for i in range(12)]
        graph = graph_of_town((*residents, *shop))
        protected = np.full(graph.n_entities, -1, np.int8)
        hall, number = graph.number_of("address", "hall"), graph.number_of("device", "shop")
        assert recognise(graph, protected, RULES).kind[hall] < 0
        protected[number] = 0
        assert recognise(graph, protected, RULES).kind[hall] >= 0


@given(towns())
def test_it_agrees_with_going_through_everything(town):
    expected, seen = look(town, SMALL), recognised(town, SMALL)
    assert {t: s.kind for t, s in seen.items()} == {t: s.kind for t, s in expected.items()}
    for thing, one in expected.items():
        assert seen[thing].prob == pytest.approx(one.prob, abs=1.01e-4)
        assert seen[thing].passes == pytest.approx(one.passes, abs=1e-3)


@given(towns(), st.randoms(use_true_random=False))
def test_names_and_the_order_of_rows_change_nothing(town, chance):
    old = sorted({u.account for u in town} | {u.thing for u in town})
    new = [f"n{i:02}" for i in range(len(old))]
    chance.shuffle(new)
    name = dict(zip(old, new, strict=True))
    renamed = [replace(u, account=name[u.account], thing=name[u.thing]) for u in town]
    chance.shuffle(renamed)
    expected = {
        (kind, name[thing]): replace(s, passes={name[a]: p for a, p in s.passes.items()})
        for (kind, thing), s in recognised(town, SMALL).items()
    }
    assert recognised(tuple(renamed), SMALL) == expected


@given(towns())
def test_facts_are_written_as_they_are_counted(town):
    graph = graph_of_town(town)
    found = recognise(graph, np.full(graph.n_entities, -1, np.int8), SMALL)
    texts = found.facts().of(np.arange(graph.n_entities)).to_list()
    assert [i for i, text in enumerate(texts) if text] == found.number.tolist()
    for place, number in enumerate(found.number):
        shares = dict(part.split(" ") for part in texts[number].split("; "))
        for column, fact in enumerate(SHARING_FACTS):
            known = found.n_known[place, column]
            counted = f"{found.n_showing[place, column]}/{known}" if known else None
            assert shares.get(fact) == counted


@given(towns())
def test_a_part_of_the_graph_keeps_what_the_whole_recognised(town):
    graph = graph_of_town(town)
    found = recognise(graph, np.full(graph.n_entities, -1, np.int8), SMALL)
    every = found.part(np.arange(graph.n_entities, dtype=np.int32), np.arange(len(graph.neighbor)))
    for name in ("passes" if spec.name == "kept_passes" else spec.name for spec in fields(Sharing)):
        assert (getattr(every, name) == getattr(found, name)).all()
