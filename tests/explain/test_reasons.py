"""Reasons in words: each code has its four texts, and each text has its code."""

import re
from collections import Counter
from collections.abc import Iterator
from string import Formatter

import pytest

from graphrisk import Policy
from graphrisk.explain.account import HOW_TO_OBJECT
from graphrisk.explain.reasons import LANGUAGES, Words, factor_of, words
from graphrisk.learn.columns import near_reason, structure_reason
from graphrisk.learn.scoring import NOT_SUPPLIED, SMALL_EFFECTS
from graphrisk.model.decision import Rule
from graphrisk.model.evidence import LEARNED
from graphrisk.model.kinds import LabelKind, Tier
from graphrisk.model.policy import is_good
from graphrisk.signals.catalog import CATALOG
from graphrisk.signals.unheard import INNOCENT_REASONS

FAMILIES = tuple(Policy.default().families)
LINKED = [f"{start}_{family.upper()}" for family in FAMILIES for start in ("REACH", "RANK")]
RAISING = [
    *(f"LABEL_{label.upper()}" for label in LabelKind if not is_good(label)),
    *(signal.code for signal in CATALOG),
    *LINKED,
]
LOWERING = [f"LABEL_{label.upper()}" for label in LabelKind if is_good(label)]
COMMON = ["BASE_RATE"]
LEARNED_RAISING = [
    near_reason().code,
    structure_reason().code,
    SMALL_EFFECTS.code,
    NOT_SUPPLIED.code,
]
UNHEARD = ["PROTECTED_HUB", "TAKEN_OVER", *(reason.code for reason in INNOCENT_REASONS)]
RAISING = [*RAISING, *LEARNED_RAISING]
CODES = [*RAISING, *LOWERING, *COMMON, "REACH_GOOD", "RANK_GOOD", "PREVALENCE", *UNHEARD, "PRIOR"]
LEARNED_ANY = {f"{start}ANY" for start in LEARNED}
GENERIC = {"REACH_ANY", "RANK_ANY", "TIE_ANY"} | LEARNED_ANY

#: Reasons that say nothing, and words that sell.
EMPTY_WORDS = re.compile(
    r"other reasons?|internal polic|company polic|our (standards|system|model)|algorithm|"
    r"various|at our discretion|valued|pleased|great|best|unfortunately|"
    r"其他原因|内部(政策|规定)|公司政策|综合评(分|估)|系统判定|尊贵|优惠|遗憾",
    re.IGNORECASE,
)
CHINESE = re.compile(r"[\u4e00-\u9fff]")
LATIN = re.compile(r"[A-Za-z]{2,}")
#: Words that hint at somebody behind a link.
HINTS = re.compile(
    r"\b(friend|relative|spouse|colleague|neighbou?r|someone you|person you|people you|"
    r"another (person|customer)|accomplice)|"
    r"朋友|亲属|配偶|同事|邻居|熟人|您认识|另一(人|位|名)|同伙",
    re.IGNORECASE,
)

both = pytest.mark.parametrize("say", [words(lang) for lang in LANGUAGES], ids=list(LANGUAGES))


def every_text(say: Words) -> Iterator[tuple[str, str]]:
    for table, texts in say.tables.items():
        for key, text in texts.items():
            yield f"{table}.{key}", text


@both
class TestCodes:
    def test_every_code_has_words_for_both_readers(self, say: Words) -> None:
        assert all(say.analyst(code).strip() and say.customer(code).strip() for code in CODES)

    def test_what_raises_risk_comes_with_something_to_do(self, say: Words) -> None:
        assert all(say.remedy(code) for code in RAISING)

    def test_no_text_is_without_a_code(self, say: Words) -> None:
        factors = {factor_of(code) for code in RAISING} | {"LINKS_ANY"} | LEARNED_ANY
        assert set(say.tables["customer"]) == {*CODES, *GENERIC}
        assert set(say.tables["analyst"]) == {*CODES, *GENERIC} - set(LINKED)
        assert set(say.tables["do"]) == factors

    def test_one_code_one_text(self, say: Words) -> None:
        texts = [text for code in CODES for text in (say.analyst(code), say.customer(code))]
        assert [text for text, n in Counter(texts).items() if n > 1] == []
        remedies = Counter(say.tables["do"].values())
        assert max(remedies.values()) == 1

    def test_a_family_of_ones_own_is_named(self, say: Words) -> None:
        for code in (f"{start}HORSE_CLUB" for start in ("REACH_", "RANK_", *LEARNED)):
            said = (say.analyst(code), say.customer(code), say.remedy(code))
            assert all("horse club" in text for text in said)

    def test_a_code_that_nobody_knows_is_an_error(self, say: Words) -> None:
        with pytest.raises(KeyError):
            say.customer("NONSENSE")


@both
class TestTables:
    def test_tiers_rules_labels_and_families_are_named(self, say: Words) -> None:
        assert set(say.tables["tier"]) == set(say.tables["decided"]) == {t.word for t in Tier}
        assert set(say.tables["rule"]) == {rule.word for rule in Rule}
        assert set(say.tables["label"]) == set(LabelKind)
        assert set(say.tables["family"]) == set(say.tables["family_title"]) == set(FAMILIES)
        assert set(say.tables["relation"]) == set(Policy.default().relations)
        assert set(say.tables["usage"]) == set(Policy.default().protection.usages)
        assert set(say.tables["kind"]) >= set(Policy.default().protection.crowd_links)

    def test_names_are_told_apart(self, say: Words) -> None:
        for table in ("tier", "decided", "rule", "label", "family", "family_title", "relation"):
            assert len(set(say.tables[table].values())) == len(say.tables[table])

    def test_languages_have_the_same_keys_and_blanks(self, say: Words) -> None:
        english = dict(every_text(words("en")))
        texts = dict(every_text(say))
        assert set(texts) == set(english)
        blanks = {key: _blanks(text) for key, text in texts.items()}
        assert blanks == {key: _blanks(text) for key, text in english.items()}


def _blanks(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@both
class TestTone:
    def test_nothing_hollow_is_said(self, say: Words) -> None:
        assert [(key, text) for key, text in every_text(say) if EMPTY_WORDS.search(text)] == []

    def test_no_customer_text_hints_at_somebody(self, say: Words) -> None:
        for table in ("customer", "do", "decided", "notice"):
            assert [text for text in say.tables[table].values() if HINTS.search(text)] == []

    def test_sentences_end(self, say: Words) -> None:
        for table in ("customer", "do", "decided"):
            assert all(text[-1] in ".。" for text in say.tables[table].values())

    def test_customers_read_no_jargon(self, say: Words) -> None:
        jargon = re.compile(r"\b(nats?|seeds?|tier|prior|reach|rank|PageRank|hub)\b|对数|先验|种子")
        for table in ("customer", "do", "decided", "notice"):
            assert [text for text in say.tables[table].values() if jargon.search(text)] == []


def test_english_says_what_the_model_says() -> None:
    said = words("en")
    for signal in CATALOG:
        assert said.analyst(signal.code) == signal.text
    assert {rule.word: rule.text for rule in Rule} == said.tables["rule"]
    assert said.say("case", "object") == HOW_TO_OBJECT


def test_chinese_is_chinese() -> None:
    for key, text in every_text(words("zh")):
        bare = re.sub(r"\{\w+\}", "", text)
        assert CHINESE.search(bare) or not bare.strip("；，。（） "), key
        assert not LATIN.search(bare), key
        assert not re.search(r"[\u4e00-\u9fff] ?[,.;:?!()]", bare), key


def test_english_is_english() -> None:
    assert not [key for key, text in every_text(words("en")) if CHINESE.search(text)]
