"""The public standard tells what the policy does, all of it, and names no entity."""

import re
from collections.abc import Mapping
from typing import Any

import pytest

from graphrisk import Policy
from graphrisk.explain.document import markdown
from graphrisk.explain.reasons import LANGUAGES, words
from graphrisk.explain.standard import odds, standard

LANGS = pytest.mark.parametrize("lang", LANGUAGES)


def said(lang: str, changes: Mapping[str, Any] | None = None) -> str:
    """Write the standard of the default policy with changes."""
    return markdown(standard(Policy.from_mapping(changes or {}), lang)).replace("\\", "")


@LANGS
class TestItFollowsThePolicy:
    @pytest.mark.parametrize(
        ("changes", "shown"),
        [
            ({"prior": {"risk_prob": 0.031}}, "3.1%"),
            ({"tiers": {"close_prob": 0.913}}, "91.3%"),
            ({"labels": {"default": {"own_nats": 3.0}}}, "× 20"),
            ({"reach": {"n_hops": 17}}, "17"),
            ({"guards": {"close_max_age_days": 123}}, "123"),
            ({"guards": {"limit_min_strong_nats": 1.0}}, "× 2.7"),
            ({"protection": {"crowd_links": {"ip": 77}}}, "77"),
            ({"notice": {"contact": "appeals@lender.example"}}, "appeals@lender.example"),
            ({"notice": {"response_days": 19}}, "19"),
            ({"policy": {"name": "stricter"}}, "stricter"),
        ],
    )
    def test_every_number_shows(self, lang: str, changes: dict[str, Any], shown: str) -> None:
        before, after = said(lang), said(lang, changes)
        assert before.count(shown) < after.count(shown)

    def test_every_family_relation_label_and_signal_is_told(self, lang: str) -> None:
        text, say = said(lang), words(lang)
        for table in ("family_title", "relation", "usage"):
            assert all(name in text for name in say.tables[table].values())
        policy = Policy.default()
        assert all(say.analyst(f"LABEL_{label.upper()}") in text for label in policy.labels)

    def test_a_strength_that_changes_is_told(self, lang: str) -> None:
        weak = words(lang).say("standard", "weak")
        one_less = said(lang, {"families": {"place": {"strength": "strong"}}})
        assert one_less.count(weak) == said(lang).count(weak) - 1

    def test_it_promises_nothing_that_the_policy_does_not_keep(self, lang: str) -> None:
        promise = words(lang).say("standard", "being_named")
        assert promise in said(lang)
        assert promise not in said(lang, {"families": {"named": {"strength": "strong"}}})
        stale = words(lang).analyst("STALE_SOURCES")
        moved = {"signals": {"stale_sources": {"cap_nats": 1.0, "nats_per_step": 1.0}}}
        assert f"| {stale} | × 2.7 |" in said(lang, moved)
        assert f"| {stale} |" not in said(lang) and stale in said(lang)

    def test_links_that_carry_nothing_are_told(self, lang: str) -> None:
        nothing = {"toward_target_prob": 0.0, "toward_source_prob": 0.0}
        text = said(lang, {"relations": {"named_contact": nothing}})
        start = words(lang).say("standard", "carry_nothing", links="|").partition("|")[0]
        assert words(lang).name("relation", "named_contact") in text.partition(start)[2]

    def test_hubs_protected_by_name_are_counted_and_not_named(self, lang: str) -> None:
        hub = {"kind": "ip", "entity_id": "CANARY", "hub_class": "campus"}
        text = said(lang, {"protection": {"hubs": [hub]}})
        assert words(lang).say("standard", "named_hubs", n=1) in text
        assert "CANARY" not in text

    def test_what_a_policy_adds_is_named_by_its_own_name(self, lang: str) -> None:
        changes = {
            "families": {"horse_club": {"strength": "weak", "cap_nats": 1.0}},
            "relations": {
                "rides_with": {
                    "target_family": "horse_club", "source_family": "horse_club",
                    "toward_target_prob": 0.1, "toward_source_prob": 0.1,
                }
            },
        }  # fmt: skip
        assert "horse club" in said(lang, changes) and "rides with" in said(lang, changes)


def test_chinese_has_no_english_left() -> None:
    policy = Policy.default()
    text = said("zh").replace(policy.policy.name, "").replace(policy.hash, "")
    assert not re.search(r"[A-Za-z]{2,}", text)


def test_protected_attributes_are_named() -> None:
    for attribute in ("Sex", "age", "nationality", "religion", "health", "region"):
        assert attribute in said("en")


@pytest.mark.parametrize(("nats", "text"), [(0.5, "× 1.6"), (-3.0, "÷ 20"), (7.0, "× 1,097")])
def test_odds(nats: float, text: str) -> None:
    assert odds(nats) == text
