"""What would be otherwise, in words."""

import pytest

from graphrisk.errors import UsageError
from graphrisk.explain.compare import Change
from graphrisk.explain.counterfactual import Counterfactual
from graphrisk.explain.facts import Fact, FactKind, Verdict
from graphrisk.explain.show_doubt import change_text, counterfactual_text, fact_named
from graphrisk.model.decision import Rule
from graphrisk.model.kinds import Tier

CLOSED = Verdict(Tier.CLOSE, Rule.LET_THROUGH_CLOSE, 2.0, 0.88)
CLEAR = Verdict(Tier.CLEAR, Rule.BELOW_MONITOR, -3.9, 0.02)
LABEL = Fact(FactKind.LABEL, "account:A7")
LINK = Fact(FactKind.LINK, "uses_device device:D9")


def test_a_fact_is_found_by_its_name() -> None:
    assert fact_named("label account:A7", [LINK, LABEL]) == LABEL


def test_an_unknown_fact_is_answered_with_the_nearest() -> None:
    with pytest.raises(UsageError, match="label account:A7"):
        fact_named("label account:A8", [LINK, LABEL])


def test_without_any_fact_that_is_what_it_says() -> None:
    with pytest.raises(UsageError, match="no fact speaks against"):
        fact_named("label account:A8", [])


@pytest.mark.parametrize(
    "is_smallest, words", [(True, "no smaller set"), (False, "another set may be smaller")]
)
def test_a_counterfactual_says_what_then_and_how_sure(is_smallest: bool, words: str) -> None:
    text = counterfactual_text(Counterfactual((LABEL,), CLOSED, CLEAR, is_smallest, 3))
    assert "label account:A7" in text and "Then: clear, risk 2.0%" in text and words in text


def test_nothing_to_doubt_is_said_in_one_line() -> None:
    text = counterfactual_text(Counterfactual((), CLEAR, CLEAR, True, 0))
    assert text == "Nothing that could be doubted would lower clear."


def test_a_flip_names_the_fact_that_did_it() -> None:
    because = Counterfactual((LABEL,), CLOSED, CLEAR, True, 1)
    text = change_text(Change(CLEAR, CLOSED, (LABEL, LINK), (), because))
    assert text.splitlines()[-1] == "What changed the tier: label account:A7"
    assert "came: link uses_device device:D9" in text


def test_the_same_tier_and_an_unexplained_flip_are_told_apart() -> None:
    assert "the same" in change_text(Change(CLEAR, CLEAR, (), (), None))
    assert "new policy" in change_text(Change(CLEAR, CLOSED, (), (), None))
