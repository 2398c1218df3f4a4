"""An explanation is the decision's own arithmetic, told in words."""

from datetime import UTC, datetime

import pytest

from graphrisk.explain.account import Wording, explain_account, masked_entity
from graphrisk.explain.show import percent, text_of

WORDING = Wording(
    reasons={"PRIOR": "nothing is known", "REACH_DEVICE": "over devices", "RANK_GOOD": "good"},
    rules={"by_risk": "as the risk asks", "held_weak_families": "held: weak links"},
    tier_probs={"monitor": 0.06, "review": 0.2, "limit": 0.45, "close": 0.75},
)


def term(code: str, group: str, nats: float, **others: object) -> dict[str, object]:
    blank = {"via": "", "source": "", "state": "hit", "value": None, "unit": ""}
    return {"reason_code": code, "group": group, "nats": nats, **blank, **others}


EVIDENCE = [
    term("PRIOR", "prior", -3.0),
    term("RANK_GOOD", "good", -0.5),
    term("REACH_DEVICE", "linked", 3.0, via="device:D1", source="court"),
]
DECISION = {
    "account_id": "A1",
    "tier": "review",
    "tier_by_risk": "review",
    "risk_prob": 0.3775,
    "rule": "by_risk",
    "evidence_path": "",
    "model_version": "additive-1",
    "policy_hash": "0123",
    "as_of": datetime(2026, 6, 1, tzinfo=UTC),
}


def explained(**changes: object):
    return explain_account(DECISION | changes, EVIDENCE, WORDING)


class TestSteps:
    def test_they_run_own_linked_good_and_sum_on_the_way(self):
        steps = explained().steps
        assert [step.code for step in steps] == ["PRIOR", "REACH_DEVICE", "RANK_GOOD"]
        assert [step.log_odds for step in steps] == [-3.0, 0.0, -0.5]
        assert steps[1].risk_prob == 0.5

    def test_each_names_its_way_and_its_source(self):
        assert "over devices (via device:D1; source: court)" in text_of(explained())

    def test_one_that_could_not_be_computed_says_so(self):
        failed = [*EVIDENCE[:1], term("REACH_DEVICE", "linked", 0.0, state="error")]
        assert "could not be computed" in text_of(explain_account(DECISION, failed, WORDING))

    def test_a_value_that_is_not_known_is_none(self):
        unknown = [*EVIDENCE[:1], term("REACH_DEVICE", "linked", 0.1, value=float("nan"))]
        assert explain_account(DECISION, unknown, WORDING).steps[1].value is None


class TestPath:
    def test_links_point_as_they_were_recorded(self):
        path = explained(
            evidence_path="account:A1 -uses_device-> device:D 1 <-uses_device- account:A2 "
            "[default, core [x]]"
        ).path
        assert path is not None
        assert [(hop.relation, hop.forward, hop.entity) for hop in path.hops] == [
            ("uses_device", True, "device:D 1"),
            ("uses_device", False, "account:A2"),
        ]
        assert (path.start, path.label, path.source) == ("account:A1", "default", "core [x]")

    def test_no_path_is_none(self):
        assert explained().path is None
        assert "path" not in text_of(explained())


class TestBorders:
    def test_they_are_as_far_as_the_log_odds_say(self):
        told = explained()
        assert told.down is not None
        assert told.up is not None
        assert (told.down.tier, told.up.tier) == ("monitor", "limit")
        assert told.down.nats == pytest.approx(-0.5 + 1.3862944)
        assert told.up.nats == pytest.approx(0.5 - 0.2006707)

    def test_clear_has_nothing_below_and_close_nothing_above(self):
        assert explained(tier="clear").down is None
        assert explained(tier="close").up is None

    def test_a_held_account_is_told_that_more_risk_is_not_what_it_lacks(self):
        told = explained(tier="monitor", rule="held_weak_families")
        said = text_of(told)
        assert "The risk by itself asks for review." in said
        assert "past 20.0% already; the rule above holds it back" in said

    def test_a_raised_account_is_told_that_the_rule_keeps_it_there(self):
        assert "keeps it here" in text_of(explained(tier="limit"))


class TestMasking:
    @pytest.mark.parametrize(
        ("entity", "shown"),
        [
            ("account:A00245618", "account:A00245618"),
            ("device:D15786548", "device:D15786548"),
            ("phone:+8613800138000", "phone:+8****00"),
            ("email:a@b.c", "email:****"),
            ("ip:2001:db8::1", "ip:20****:1"),
            ("household:12345678", "household:12****78"),
            ("", ""),
        ],
    )
    def test_only_ids_that_name_no_person_are_shown_whole(self, entity, shown):
        assert masked_entity(entity) == shown


@pytest.mark.parametrize(
    ("prob", "text"),
    [(0.5, "50.0%"), (0.02, "2.0%"), (0.9999, "99.990%"), (0.0001, "0.010%"),
     (0.9999999, ">99.999%"), (1e-9, "<0.001%")],
)  # fmt: skip
def test_nothing_is_certain(prob, text):
    assert percent(prob) == text
