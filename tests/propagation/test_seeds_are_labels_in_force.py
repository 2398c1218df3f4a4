"""Which labels count, as of a time, and which of several decides."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles.books import Book, graph_of

from graphrisk.intake.columns import TABLES
from graphrisk.intake.dataset import Dataset
from graphrisk.model.kinds import LabelKind
from graphrisk.model.policy import Policy, is_good
from graphrisk.propagation.seeds import Seeds, seeds_of

POLICY = Policy.from_mapping(
    {
        "labels": {
            "default": {"strength": 0.85, "own_nats": 6.5, "confirmed": True},
            "blacklisted": {"strength": 0.80, "own_nats": 6.0, "confirmed": False},
        }
    }
)
AS_OF = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
NAMES = ("a", "b", "c")
GRAPH = graph_of(Book(tuple(("account", name) for name in NAMES)))


def label(name, of="a", *, days_ago=None, severity=None, expires_in=None, kind="account"):
    """One row of the table of labels."""
    known_at = None if days_ago is None else AS_OF - days_ago * DAY
    expires_at = None if expires_in is None else AS_OF + expires_in * DAY
    return {
        "entity_kind": kind, "entity_id": of, "label": name, "severity": severity,
        "event_at": None, "known_at": known_at, "expires_at": expires_at, "source": "bureau",
    }  # fmt: skip


def seeds(*rows, as_of=AS_OF) -> Seeds:
    tables = {"labels": pl.DataFrame(list(rows), schema=TABLES["labels"].schema)} if rows else {}
    dataset = Dataset(tables, pl.DataFrame(), (), {}, {}, "standard")
    return seeds_of(dataset, GRAPH, POLICY, as_of=as_of)


def decided_for_a(*rows) -> tuple[str, float, float, bool]:
    """Label, signed strength, own nats and confirmation of account a."""
    found = seeds(*rows)
    if found.ruling[0] < 0:
        return ("", 0.0, 0.0, False)
    row = found.labels.row(int(found.ruling[0]), named=True)
    strength = found.bad_strength[0] - found.good_strength[0]
    return row["label"], float(strength), float(found.own_nats[0]), row["confirmed"]


DEFAULT = POLICY.labels["default"]
GOOD = POLICY.labels["good_standing"]


@pytest.mark.parametrize(
    ("rows", "label_that_decides"),
    [
        ([], ""),
        ([label("default")], "default"),
        ([label("default", days_ago=0)], "default"),
        ([label("default", days_ago=-1)], ""),  # not yet known
        ([label("default", days_ago=9, expires_in=1)], "default"),
        ([label("default", days_ago=9, expires_in=0)], ""),  # no longer in force
        ([label("default", of="nobody")], ""),
        ([label("default", kind="phone")], ""),
        ([label("default", days_ago=9), label("good_standing", days_ago=5)], "good_standing"),
        ([label("default", days_ago=5), label("good_standing", days_ago=9)], "default"),
        ([label("default", days_ago=5), label("good_standing", days_ago=5)], "default"),
        ([label("default"), label("good_standing")], "default"),
        ([label("default"), label("good_standing", days_ago=9)], "good_standing"),
        ([label("fraud_suspected", days_ago=1), label("default", days_ago=9)], "default"),
        # Good standing clears what was known before it, not what came after.
        (
            [
                label("fraud_confirmed", days_ago=9),
                label("good_standing", days_ago=5),
                label("fraud_suspected", days_ago=1),
            ],
            "fraud_suspected",
        ),
    ],
)
def test_the_label_that_decides(rows, label_that_decides):
    assert decided_for_a(*rows)[0] == label_that_decides
    assert decided_for_a(*reversed(rows))[0] == label_that_decides


def test_bad_labels_are_seeds_and_good_ones_counter_seeds():
    assert decided_for_a(label("default")) == ("default", DEFAULT.strength, DEFAULT.own_nats, True)
    assert decided_for_a(label("good_standing")) == (
        "good_standing", -GOOD.strength, -GOOD.own_nats, True,
    )  # fmt: skip


def test_severity_scales_a_label():
    _, strength, nats, _ = decided_for_a(label("default", severity=0.5))
    assert (strength, nats) == (0.5 * 0.85, 0.5 * DEFAULT.own_nats)


def test_without_a_time_of_analysis_every_label_counts():
    found = seeds(label("default", days_ago=-99, expires_in=-300), as_of=None)
    assert found.bad_strength[0] == 0.85


def test_a_confirmed_label_stays_the_one_named_beside_a_stronger_unconfirmed_one():
    """A suspicion more must not take the confirmation away: closing may rest on it."""
    minor_default = label("default", severity=0.5)
    alone = decided_for_a(minor_default)
    with_more = decided_for_a(minor_default, label("blacklisted"))
    assert alone == ("default", 0.425, 3.25, True)
    assert with_more == ("default", 0.80, 6.0, True)


LABELS = st.builds(
    label,
    st.sampled_from([kind.value for kind in LabelKind]),
    st.sampled_from(NAMES),
    days_ago=st.none() | st.integers(-1, 3),
    severity=st.none() | st.sampled_from([0.0, 0.3, 1.0]),
    expires_in=st.none() | st.integers(0, 1),
)


@given(st.lists(LABELS, max_size=6), LABELS)
def test_a_bad_label_more_lowers_no_seed_and_a_good_one_raises_none(rows, more):
    before, after = seeds(*rows), seeds(*rows, more)
    sign = -1.0 if is_good(more["label"]) else 1.0
    assert (sign * after.bad_strength >= sign * before.bad_strength).all()
    assert (sign * after.good_strength <= sign * before.good_strength).all()
    assert (sign * after.own_nats >= sign * before.own_nats).all()


@given(st.lists(LABELS, max_size=6).flatmap(lambda r: st.tuples(st.just(r), st.permutations(r))))
def test_the_order_of_rows_changes_no_byte(case):
    one, other = (seeds(*rows) for rows in case)
    for name in ("bad_strength", "good_strength", "own_nats", "ruling"):
        assert getattr(one, name).tobytes() == getattr(other, name).tobytes()
    assert one.labels.equals(other.labels)
    assert np.isin(one.ruling, np.arange(-1, len(one.labels))).all()
