"""A policy with faults is refused, all of them at once, each with what to do about it."""

import math

import pytest

from graphrisk.errors import ExitCode, PolicyError
from graphrisk.model.policy import Policy

RELATION = {
    "target_family": "device",
    "source_family": "device",
    "toward_target_prob": 0.1,
    "toward_source_prob": 0.1,
}


def fault(changes: dict) -> str:
    """What is said of a policy with these changes."""
    with pytest.raises(PolicyError) as refused:
        Policy.from_mapping(changes)
    assert refused.value.exit_code == ExitCode.USAGE
    return refused.value.found


FAULTS = [
    # Unknown keys, with the nearest known one
    ({"reach": {"n_hop": 3}}, "reach.n_hop is not known; did you mean 'n_hops'?"),
    ({"teirs": {}}, "teirs is not known; did you mean 'tiers'?"),
    (
        {"relations": {"transfer": {"hub_flor": 0.1}}},
        "relations.transfer.hub_flor is not known; did you mean 'hub_floor'?",
    ),
    ({"prior": {"zzz": 1}}, "prior.zzz is not known; known here: risk_prob"),
    # Wrong types
    ({"reach": {"n_hops": 2.5}}, "reach.n_hops = 2.5 is a number, expected a whole number"),
    ({"reach": {"n_hops": True}}, "reach.n_hops = True is true or false, expected a whole number"),
    ({"reach": {"n_hops": "3"}}, "reach.n_hops = '3' is text, expected a whole number"),
    ({"prior": {"risk_prob": "2%"}}, "prior.risk_prob = '2%' is text, expected a number"),
    ({"prior": {"risk_prob": True}}, "prior.risk_prob = True is true or false, expected a number"),
    ({"prior": 0.02}, "prior is a number, expected a table"),
    ({"families": []}, "families is a list, expected a table"),
    ({"labels": {"default": {"confirmed": 1}}}, "labels.default.confirmed = 1 is a whole number"),
    ({"protection": {"usages": "kiosk"}}, "protection.usages is text, expected a list"),
    ({"protection": {"usages": [3]}}, "protection.usages[0] = 3 is a whole number, expected text"),
    # Leaving shadow mode
    (
        {"batch": {"mode": "live", "impact_assessment_sha256": "0" * 64}},
        "batch.mode = 'live' needs batch.approved_by, a name",
    ),
    (
        {"batch": {"mode": "canary", "approved_by": "Ada", "impact_assessment_sha256": "none"}},
        "batch.mode = 'canary' needs batch.impact_assessment_sha256",
    ),
    # Out of range
    ({"prior": {"risk_prob": 0.0}}, "a number between 0 and 1, ends left out"),
    ({"prior": {"risk_prob": math.nan}}, "prior.risk_prob = nan is out of range"),
    ({"evidence": {"reach_weight": math.inf}}, "evidence.reach_weight = inf is out of range"),
    ({"evidence": {"reach_weight": -math.inf}}, "evidence.reach_weight = -inf is out of range"),
    ({"evidence": {"reach_weight": math.nan}}, "evidence.reach_weight = nan is out of range"),
    ({"evidence": {"reach_weight": -1}}, "evidence.reach_weight = -1.0 is out of range"),
    ({"labels": {"default": {"strength": 1.0}}}, "labels.default.strength = 1.0 is out of range"),
    ({"reach": {"n_hops": 0}}, "reach.n_hops = 0 is out of range, expected a number above 0"),
    ({"reach": {"n_hops": 33}}, "reach.n_hops = 33 is out of range"),
    ({"pagerank": {"damping": 1.0}}, "pagerank.damping = 1.0 is out of range"),
    ({"relations": {"transfer": {"hub_floor": 1.5}}}, "relations.transfer.hub_floor = 1.5"),
    ({"protection": {"crowd_links": {"ip": 0}}}, "protection.crowd_links.ip = 0 is out of range"),
    # Not one of the choices
    ({"families": {"device": {"strength": "mighty"}}}, "is not one of: strong, weak, one_sided"),
    (
        {"protection": {"hubs": [{"kind": "ip", "entity_id": "1", "hub_class": "pub"}]}},
        "protection.hubs[0].hub_class = 'pub' is not one of: carrier_nat",
    ),
    # Missing
    ({"families": {"new": {"strength": "weak"}}},
     "families.new.cap_nats is missing"),
    ({"protection": {"hubs": [{"kind": "ip", "hub_class": "kiosk"}]}},
     "protection.hubs[0].entity_id is missing"),
    # Values that contradict one another
    ({"tiers": {"review_prob": 0.5, "limit_prob": 0.45}},
     "tiers are out of order: review_prob = 0.5 is not below limit_prob = 0.45"),
    ({"tiers": {"limit_prob": 0.45, "close_prob": 0.45}},
     "limit_prob = 0.45 is not below close_prob = 0.45"),
    ({"prior": {"risk_prob": 0.06}, "tiers": {"monitor_prob": 0.06}},
     "every unknown account would be monitored"),
    ({"relations": {"new": {**RELATION, "target_family": "devise"}}},
     "relations.new.target_family = 'devise' is not in [families]"),
    ({"relations": {"new": {**RELATION, "source_family": "devise"}}},
     "relations.new.source_family = 'devise' is not in [families]"),
    ({"relations": {"new": {**RELATION, "toward_source_prob": 1.0}}},
     "relations.new.toward_source_prob = 1 leaves no doubt at all"),
    ({"relation_of_kind": {"fax": "uses_fax"}},
     "relation_of_kind.fax = 'uses_fax' is not in [relations]"),
    ({"labels": {"rude": {"strength": 0.5, "own_nats": 1.0, "confirmed": False}}},
     "labels.rude is not a label"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "said"), FAULTS, ids=lambda x: x if isinstance(x, str) else "")
def test_fault(changes, said):
    found = fault(changes)
    assert said in found
    assert found.startswith("1 fault(s) in the policy: ")


def test_all_faults_are_reported_together():
    found = fault(
        {
            "reach": {"n_hop": 3, "n_hops": -1},
            "prior": {"risk_prob": "low"},
            "tiers": "none",
        }
    )
    assert found.startswith("4 fault(s) in the policy: ")
    for said in ("'n_hops'?", "n_hops = -1", "expected a number", "tiers is text"):
        assert said in found


def test_all_contradictions_are_reported_together():
    found = fault(
        {
            "tiers": {"monitor_prob": 0.9, "close_prob": 0.1},
            "relation_of_kind": {"fax": "uses_fax"},
        }
    )
    assert found.startswith("3 fault(s) in the policy: ")
    assert found.count("tiers are out of order") == 2


def test_a_policy_without_the_rule_for_unknown_relations_is_refused():
    with pytest.raises(PolicyError):
        Policy.from_mapping({"relations": {"other": None}})


def test_the_message_says_what_to_do():
    with pytest.raises(PolicyError) as refused:
        Policy.from_mapping({"prior": {"risk_prob": 2}})
    assert "correct each one and run again" in refused.value.hint
    assert "docs/policy.md" in refused.value.expected
    assert refused.value.found in str(refused.value)


@pytest.mark.parametrize("name", ["absent.toml", "."])
def test_a_file_that_cannot_be_read(tmp_path, name):
    with pytest.raises(PolicyError, match="can't be read") as refused:
        Policy.load(tmp_path / name)
    assert "--policy" in refused.value.hint


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"[prior", "is not TOML"),
        (b"prior = ", "is not TOML"),
        (b"a = 1\na = 2", "is not TOML"),
        (b"\xff\xfe", "is not UTF-8"),
    ],
)
def test_a_file_that_is_not_toml(tmp_path, content, said):
    file = tmp_path / "policy.toml"
    file.write_bytes(content)
    with pytest.raises(PolicyError, match=rf"policy\.toml {said}"):
        Policy.load(file)
