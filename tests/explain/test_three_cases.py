"""Three cases from a drawn book to what people read: a farm, a dormitory, a comparison of offers.

The truth of the book only chooses the accounts; none of them carries a label.
"""

import re
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from graphrisk import Analysis, Policy, analyze
from graphrisk.demo.book import write_book
from graphrisk.explain.account import Explanation
from graphrisk.explain.document import plain
from graphrisk.explain.notice import notice_document, notice_of
from graphrisk.explain.reasons import LANGUAGES, words
from graphrisk.explain.show import text_of
from graphrisk.report.chosen import explained, wording_of

both = pytest.mark.parametrize("lang", LANGUAGES)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("cases") / "book"
    write_book(path, n_accounts=3_000, seed=1, file_format="parquet")
    return path


@pytest.fixture(scope="module")
def analysis(folder: Path) -> Analysis:
    return analyze(folder)


@pytest.fixture(scope="module")
def undamped(folder: Path) -> Analysis:
    """The same book, with innocent sharing recognised and not damped."""
    policy = Policy.default()
    rules = policy.innocent_sharing
    off = {str(kind): replace(rule, strength=0.0) for kind, rule in rules.rules().items()}
    return analyze(folder, replace(policy, innocent_sharing=replace(rules, **off)))


@pytest.fixture(scope="module")
def of_role(folder: Path, analysis: Analysis):
    """Find the first unlabelled account of a role, with a tier and a reason code."""
    truth = pl.read_parquet(folder / "truth" / "accounts.parquet")
    known = truth.filter(~pl.col("is_labelled")).join(analysis.decisions, on="account_id")

    def find(role: str, tier: str, code: str) -> Explanation:
        said = analysis.evidence.filter(pl.col("reason_code") == code)
        rows = known.filter(pl.col("role") == role, pl.col("tier") == tier)
        first = rows.join(said, on="account_id", how="semi")["account_id"].min()
        assert first is not None, (role, tier, code)
        (told,) = explained(analysis, wording_of(analysis), [first])
        return told

    return find


def notice(told: Explanation, lang: str) -> str:
    return plain(notice_document(notice_of(told, Policy.default().notice, lang)))


def squeezed(text: str) -> str:
    """Text without line breaks and runs of blanks, which Chinese may be broken at anywhere."""
    return re.sub(r"\s+", "", text)


@both
def test_an_account_of_a_device_farm_is_closed(of_role, lang):
    told = of_role("device_farm", "close", "REACH_DEVICE")
    say = words(lang)
    assert told.rule == "let_through_close"
    assert told.path is not None
    assert told.path.hops[0].entity.startswith("device:")
    said = squeezed(text_of(told, lang=lang))
    assert squeezed(say.analyst("SHARED_DEVICE")) in said
    assert not [step for step in told.steps if step.code == "INNOCENT_KIOSK"]
    letter = squeezed(notice(told, lang))
    assert squeezed(say.name("decided", "close")) in letter
    assert squeezed(say.say("notice", "proposal")) in letter
    assert squeezed(say.customer(told.reasons[0])) in letter


@both
def test_a_neighbour_in_a_dormitory_is_monitored_for_its_own_facts(
    of_role, analysis, undamped, lang
):
    told = of_role("dormitory", "monitor", "INNOCENT_DORMITORY")
    say = words(lang)
    (step,) = (step for step in told.steps if step.code == "INNOCENT_DORMITORY")
    assert step.nats == 0.0
    assert step.value is not None and step.value > 0.8
    assert not [code for code in told.reasons if "PLACE" in code or "NETWORK" in code]
    said = squeezed(text_of(told, lang=lang))
    for fact in ("strangers", "own_things", "came_apart"):
        assert squeezed(say.name("sharing_fact", fact)) in said
    assert squeezed(say.analyst("INNOCENT_DORMITORY")) in said
    mine = pl.col("account_id") == told.account_id
    over_home = mine & pl.col("reason_code").is_in(["REACH_PLACE", "REACH_NETWORK"])
    damped, whole = (one.evidence.filter(over_home)["nats"].sum() for one in (analysis, undamped))
    assert damped < 0.5 * whole
    letter = squeezed(notice(told, lang))
    assert squeezed(say.name("decided", "monitor")) in letter
    assert squeezed(say.customer("INNOCENT_DORMITORY")) not in letter


@both
def test_whoever_compares_offers_is_cleared(of_role, lang):
    told = of_role("rate_shopper", "clear", "LENDER_BURST")
    say = words(lang)
    assert (told.rule, told.reasons) == ("below_monitor", ())
    assert squeezed(say.analyst("LENDER_BURST")) in squeezed(text_of(told, lang=lang))
    letter = squeezed(notice(told, lang))
    assert squeezed(say.name("decided", "clear")) in letter
    assert squeezed(say.say("notice", "no_reasons")) in letter


@both
def test_no_letter_names_anything_of_the_book_but_the_account(of_role, analysis, lang):
    ids = set(analysis.graph.entity_id)
    for case in (
        ("device_farm", "close", "REACH_DEVICE"),
        ("dormitory", "monitor", "INNOCENT_DORMITORY"),
        ("rate_shopper", "clear", "LENDER_BURST"),
    ):
        told = of_role(*case)
        letter = notice(told, lang).replace(told.account_id, "")
        assert [one for one in ids - {told.account_id} if one in letter] == []
