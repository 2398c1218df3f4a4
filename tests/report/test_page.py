"""report.html: one page that runs nothing, escapes everything and names no person."""

import re
from html.parser import HTMLParser
from itertools import pairwise

import polars as pl
import pytest

from graphrisk import analyze

from .conftest import FIXTURE, write

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "&lt;b&gt; 'q'",
    "</text></svg><svg onload=alert(1)>",
    "\u05d0\u05d1\u05d2 live \u05d3",
    "W" * 200,
    "$\\frac{1}{0}$",
]
VOID = {"meta", "br", "img", "link", "input"}


class Reader(HTMLParser):
    """Collects tags, attributes and text, and checks that what opens closes."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.open: list[str] = []
        self.text = ""
        self.ids: list[str] = []
        self.references: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            elif name == "aria-labelledby":
                self.references |= set((value or "").split())
            elif name == "href":
                self.references.add((value or "").removeprefix("#"))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def read(folder) -> Reader:
    reader = Reader()
    reader.feed((folder / "report.html").read_text(encoding="utf-8"))
    reader.close()
    assert reader.open == []
    return reader


@pytest.fixture(scope="module")
def page(written):
    return read(written)


def test_it_is_self_contained_and_runs_nothing(written, page):
    html = (written / "report.html").read_text(encoding="utf-8")
    assert not {"script", "link", "img", "iframe"} & set(page.tags)
    assert not [name for name in page.attributes if name.startswith("on")]
    assert not re.search(r"https?://|url\(|@import", html)


def test_it_follows_the_reader_s_light_or_dark(written):
    assert "prefers-color-scheme: dark" in (written / "report.html").read_text()


def test_it_tells_tiers_rules_quality_families_policy_and_how_to_object(analysis, page):
    for title in (
        "Decisions",
        "Rules that moved decisions",
        "Who spoke, and how loud",
        "Groups",
        "Highest risk",
        "Data quality and freshness",
        "What the policy says",
        "How to object",
    ):
        assert title in page.text
    for tier, n_accounts in analysis.tier_counts().items():
        assert f"{tier} {n_accounts}" in page.text
    assert "region" in page.text  # a column that was not read
    assert analysis.policy.hash in page.text


def test_it_explains_the_riskiest_those_without_a_label_first(analysis, page):
    above = analysis.decisions.filter(pl.col("tier") != "clear").sort("risk_prob", descending=True)
    labelled = analysis.evidence.filter(pl.col("reason_code").str.starts_with("LABEL_"))
    unlabelled = above.join(labelled, on="account_id", how="anti", maintain_order="left")
    assert page.tags.count("article") == 12
    assert all(account in page.text for account in unlabelled["account_id"].head(12))


def test_headings_do_not_skip_a_level(page):
    levels = [int(tag[1]) for tag in page.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_every_id_is_there_once_and_every_reference_leads_to_one(page):
    assert len(page.ids) == len(set(page.ids))
    assert page.references <= set(page.ids)
    assert page.references


def test_every_picture_is_told_and_has_a_table_behind_it(written, page):
    html = (written / "report.html").read_text(encoding="utf-8")
    figures = re.findall(r"<figure>.*?</figure>", html, flags=re.DOTALL)
    assert len(figures) > 12
    for figure in figures:
        assert '<svg viewBox="' in figure
        assert re.search('role="img".*<title.*<desc.*<details>.*<table>', figure, re.DOTALL)
    assert page.tags.count("svg") == len(figures) + 1  # the legend is a picture too


def test_what_may_name_a_person_is_masked(page):
    book = pl.read_csv(FIXTURE / "identifiers.csv", infer_schema=False)
    values = book.filter(pl.col("kind") != "device")["value"].unique()
    assert not [value for value in values if value in page.text]


def hostile_book():
    """Make a book whose names try to be more than names, one labelled, all on one device."""
    return {
        "accounts": pl.DataFrame({"account_id": HOSTILE}),
        "identifiers": pl.DataFrame(
            {
                "account_id": HOSTILE,
                "kind": ["device"] * len(HOSTILE),
                "value": ["<b>D</b>"] * len(HOSTILE),
                "last_seen_at": ["2026-06-01"] * len(HOSTILE),
            }
        ),
        "labels": pl.DataFrame(
            {
                "entity_kind": ["account"],
                "entity_id": HOSTILE[:1],
                "label": ["default"],
                "source": ["<i>me</i>"],
            }
        ),
    }


def test_hostile_ids_are_text(tmp_path):
    page = read(write(tmp_path / "<u>out</u>", analyze(hostile_book())))
    assert not {"script", "img", "b>", "i", "u"} & set(page.tags)
    assert all(account in page.text for account in HOSTILE)
    assert "<b>D</b>" in page.text
    assert "<i>me</i>" in page.text


def test_a_book_in_which_nothing_is_found_is_told_all_the_same(tmp_path):
    page = read(write(tmp_path / "out", analyze({"accounts": pl.DataFrame({"account_id": ["A"]})})))
    assert "No account stands above clear." in page.text
    assert "No record is dated" in page.text
    assert "every account stands at the prior" in page.text
