"""What is generated is in step; ``make docs`` writes it again."""

from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
GENERATED = (
    "bad-input.md",
    "cli.md",
    "data-dictionary.md",
    "decision-standard.md",
    "policy.md",
    "reasons.md",
)


def is_in_step(page, text):
    return (DOCS / page).read_text(encoding="utf-8") == text


@pytest.mark.parametrize("page", GENERATED)
def test_generated_pages_are_in_step(generate, page):
    assert is_in_step(page, generate.PAGES[page]()), "run make docs"


def test_no_generated_page_is_left_out(generate):
    assert set(generate.PAGES) == set(GENERATED)


def test_the_picture_shows_the_decision_as_it_is(generate, place):
    assert is_in_step(generate.PICTURE, generate.pictured(place)), "run make docs"


def test_every_key_of_the_policy_has_a_meaning_and_no_meaning_is_left_over(generate):
    page = (DOCS / "policy.md").read_text(encoding="utf-8")
    unused = [key for key, text in generate.MEANINGS.items() if text not in page]
    assert not unused


def test_reason_codes_mean_what_the_page_says():
    from graphrisk import analyze

    page = (DOCS / "reasons.md").read_text(encoding="utf-8")
    rows = {tuple(cell.strip() for cell in line.split("|")[1:-1]) for line in page.splitlines()}
    analysis = analyze(DOCS.parent / "fixtures" / "demo_small")
    assert len(analysis.reasons) > 20
    for code, reason in analysis.reasons.items():
        strength = str(reason.strength).replace("_", "-")
        assert (f"`{code}`", str(reason.group), strength, reason.text) in rows
