"""A notice tells the customer why and what to do, and names nobody else."""

import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

import polars as pl
import pytest

from graphrisk import Analysis, analyze
from graphrisk.explain.account import Explanation
from graphrisk.explain.account import Path as EvidencePath
from graphrisk.explain.document import html, markdown, plain
from graphrisk.explain.notice import MOST_REASONS, notice_document, notice_of
from graphrisk.explain.picture import notice_picture
from graphrisk.explain.reasons import LANGUAGES, words
from graphrisk.model.policy import NoticeRule
from graphrisk.report.chosen import explained, wording_of

FIXTURE = Path(__file__).parents[2] / "fixtures" / "demo_small"
RULE = NoticeRule("appeals@lender.example", 15)


@pytest.fixture(scope="module")
def analysis() -> Analysis:
    return analyze(FIXTURE)


@pytest.fixture(scope="module")
def cases(analysis: Analysis) -> list[Explanation]:
    """Every account above clear, and one that is clear."""
    tier = pl.col("tier")
    above = analysis.decisions.filter(tier != "clear")["account_id"].to_list()
    clear = analysis.decisions.filter(tier == "clear")["account_id"].head(1).to_list()
    return explained(analysis, wording_of(analysis), [*above, *clear])


def every_form(told: Explanation) -> Iterator[str]:
    """All that a customer can be shown, in every language and format."""
    for lang in LANGUAGES:
        notice = notice_of(told, RULE, lang)
        document = notice_document(notice)
        yield from (plain(document), markdown(document), html(document), notice_picture(notice))
        yield json.dumps(asdict(notice), ensure_ascii=False)


class TestNobodyElse:
    def test_no_id_of_the_book_occurs_but_ones_own(
        self, analysis: Analysis, cases: list[Explanation]
    ) -> None:
        ids = set(analysis.graph.entity_id)
        assert len(ids) > 2000
        for told in cases:
            said = "\n".join(every_form(told)).replace(told.account_id, "")
            assert [one for one in ids - {told.account_id} if one in said] == []

    def test_no_relation_source_or_code_occurs(self, cases: list[Explanation]) -> None:
        for told in cases:
            hops = told.path.hops if told.path else ()
            words = {step.source for step in told.steps} | {hop.relation for hop in hops}
            codes = {step.code for step in told.steps if "_" in step.code}
            said = "\n".join(every_form(told))
            assert [one for one in codes | words if "_" in one and one in said] == []

    def test_it_rests_on_tier_rule_and_codes_alone(self, cases: list[Explanation]) -> None:
        """Two accounts with one decision and one set of reasons read the same."""
        for told in cases:
            path = EvidencePath("account:CANARY", (), "CANARY", "CANARY")
            other = replace(told, path=path, steps=(), risk_prob=0.5, rule_text="CANARY")
            for lang in LANGUAGES:
                assert notice_of(other, RULE, lang) == notice_of(told, RULE, lang)


class TestContent:
    def test_adverse_decisions_are_proposals_with_reasons(self, cases: list[Explanation]) -> None:
        for told in cases:
            notice = notice_of(told, RULE, "en")
            assert notice.is_proposal == (told.tier in ("limit", "close"))
            assert len(notice.reasons) <= MOST_REASONS
            assert bool(notice.reasons) == (told.tier != "clear")

    def test_each_reason_is_one_of_the_decision_in_its_order(
        self, cases: list[Explanation]
    ) -> None:
        for told in cases:
            for lang in LANGUAGES:
                say, notice = words(lang), notice_of(told, RULE, lang)
                assert [(r.text, r.what_you_can_do) for r in notice.reasons] == [
                    (say.customer(code), say.remedy(code)) for code in told.reasons
                ]

    def test_it_says_where_to_object_and_by_when(self, cases: list[Explanation]) -> None:
        for said in every_form(cases[0]):
            assert "appeals" in said and "15" in said

    def test_without_a_contact_it_names_the_lender(self, cases: list[Explanation]) -> None:
        said = [
            notice_of(cases[0], NoticeRule("", 10), lang).how_to_object[0] for lang in LANGUAGES
        ]
        assert "the lender that keeps your account" in said[0]
        assert "您账户所在的贷款机构" in said[1]

    def test_a_family_is_told_once(self, cases: list[Explanation]) -> None:
        told = replace(cases[0], tier="limit", reasons=("RANK_DEVICE", "REACH_DEVICE", "RING"))
        assert len(notice_of(told, RULE, "en").reasons) == 2

    def test_what_could_not_be_computed_is_no_reason_against_anybody(
        self, cases: list[Explanation]
    ) -> None:
        told = replace(cases[0], tier="review", rule="raised_signal_failed")
        notice = notice_of(told, RULE, "en")
        assert notice.reasons == () and "no fault of yours" in notice.why
