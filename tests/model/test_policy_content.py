"""What a policy is: the default, what a file changes of it, and a hash of the whole."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphrisk.model.kinds import GOOD_LABELS, LabelKind
from graphrisk.model.policy import Policy, is_good

DEFAULT = Policy.default()


def load(tmp_path, text: str) -> Policy:
    file = tmp_path / "policy.toml"
    file.write_text(text, encoding="utf-8")
    return Policy.load(file)


def test_the_default_is_valid_and_the_same_every_time():
    assert Policy.default() == DEFAULT
    assert Policy.from_mapping({}) == DEFAULT


def test_an_empty_file_is_the_default(tmp_path):
    assert load(tmp_path, "# nothing differs here\n") == DEFAULT


def test_a_file_holds_only_what_differs(tmp_path):
    changed = load(
        tmp_path,
        """
        [prior]
        risk_prob = 0.03
        [relations.transfer]
        toward_target_prob = 0.1
        """,
    )
    transfer = DEFAULT.relations["transfer"]
    assert changed.prior.risk_prob == 0.03
    assert changed.relations["transfer"] == dataclasses.replace(transfer, toward_target_prob=0.1)
    assert changed.relations["guarantees"] == DEFAULT.relations["guarantees"]
    assert changed.tiers == DEFAULT.tiers


def test_a_file_may_name_relations_families_and_hubs_of_its_own(tmp_path):
    changed = load(
        tmp_path,
        """
        [families.chess]
        strength = "weak"
        cap_nats = 0.5
        [relations.plays_chess_with]
        target_family = "chess"
        source_family = "chess"
        toward_target_prob = 0.01
        toward_source_prob = 0.01
        [[protection.hubs]]
        kind = "ip"
        entity_id = "36.1.2.3"
        hub_class = "carrier_nat"
        """,
    )
    accounts = ("account", "account")
    name, rule = changed.relation_rule("plays_chess_with", accounts)
    assert (name, rule.target_family) == ("plays_chess_with", "chess")
    assert (rule.hub_exponent, rule.half_life_days) == (0.0, 0.0)
    assert changed.protection.hubs[0].entity_id == "36.1.2.3"
    assert set(changed.families) == {*DEFAULT.families, "chess"}


def test_lists_are_replaced_not_merged(tmp_path):
    assert load(tmp_path, '[protection]\nusages = ["kiosk"]').protection.usages == ("kiosk",)


def test_whole_numbers_do_for_numbers(tmp_path):
    one, other = (load(tmp_path, f"[families.device]\ncap_nats = {x}") for x in ("3", "3.0"))
    assert one == other
    assert one.hash == other.hash


@pytest.mark.parametrize(
    ("relation", "kinds", "governed_by"),
    [
        ("uses_device", ("account", "device"), "uses_device"),
        ("logged_in_from", ("account", "device"), "uses_device"),
        ("logged_in_from", ("ip", "account"), "uses_ip"),
        ("seen_with", ("device", "ip"), "uses_ip"),  # the kind at the target goes first
        ("likes", ("account", "account"), "other"),
        ("likes", ("book", "film"), "other"),
    ],
)
def test_every_relation_has_a_rule(relation, kinds, governed_by):
    name, rule = DEFAULT.relation_rule(relation, kinds)
    assert name == governed_by
    assert rule == DEFAULT.relations[governed_by]


def test_the_hash_is_that_of_the_content_not_of_the_file(tmp_path):
    one = load(tmp_path, "[prior]\nrisk_prob = 0.03\n[reach]\nn_hops = 4\n")
    other = load(tmp_path, "# the same\n[reach]\nn_hops=4\n[prior]\nrisk_prob=3e-2\n")
    assert one.hash == other.hash != DEFAULT.hash
    assert len(one.hash) == 16
    assert int(one.hash, 16) >= 0


NUMBERS = [
    (section.name, number.name)
    for section in dataclasses.fields(DEFAULT)
    if dataclasses.is_dataclass(getattr(DEFAULT, section.name))
    for number in dataclasses.fields(getattr(DEFAULT, section.name))
    if isinstance(getattr(getattr(DEFAULT, section.name), number.name), int | float)
]


@given(st.sampled_from(NUMBERS))
def test_any_number_changed_changes_the_hash(place):
    section, name = place
    before = getattr(getattr(DEFAULT, section), name)
    after = before + 1 if isinstance(before, int) else before * (1 + 2**-50)
    changed = dataclasses.replace(
        DEFAULT, **{section: dataclasses.replace(getattr(DEFAULT, section), **{name: after})}
    )
    assert changed.hash != DEFAULT.hash


def test_a_policy_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        DEFAULT.prior.risk_prob = 0.5
    with pytest.raises(TypeError):
        DEFAULT.relations["transfer"] = DEFAULT.relations["other"]


def test_every_label_has_a_worth_and_a_side():
    assert set(DEFAULT.labels) == {kind.value for kind in LabelKind}
    assert {kind for kind in LabelKind if is_good(kind)} == GOOD_LABELS


def test_one_sided_families_are_those_that_anybody_can_bring_about():
    one_sided = {name for name, rule in DEFAULT.families.items() if rule.strength == "one_sided"}
    assert one_sided == {"named"}
    assert DEFAULT.relations["named_contact"].target_family == "named"
    assert DEFAULT.relations["transfer"].target_family == "named"
