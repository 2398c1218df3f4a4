"""report.html: one page that runs nothing, escapes everything and names no person."""

import re
from html.parser import HTMLParser

import polars as pl
import pytest

from graphrisk import analyze

from .conftest import FIXTURE, write

HOSTILE = ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "&lt;b&gt; 'q'"]
VOID = {"meta", "br", "img", "link", "input"}


class Reader(HTMLParser):
    """Collects tags, attributes and text, and checks that what opens closes."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.open: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}
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


def test_it_tells_tiers_rules_quality_families_and_how_to_object(analysis, page):
    for title in (
        "Decisions",
        "Rules that held decisions back",
        "Data quality",
        "Evidence by family",
        "Highest risk",
        "How to object",
    ):
        assert title in page.text
    for tier, n_accounts in analysis.tier_counts().items():
        assert f"{tier}{n_accounts}" in page.text
    assert "region" in page.text  # a column that was not read


def test_it_explains_the_twenty_riskiest(analysis, page):
    assert page.tags.count("details") == 20
    riskiest = analysis.decisions.sort("risk_prob", descending=True).head(20)
    assert all(account in page.text for account in riskiest["account_id"])


def test_what_may_name_a_person_is_masked(page):
    book = pl.read_csv(FIXTURE / "identifiers.csv", infer_schema=False)
    values = book.filter(pl.col("kind") != "device")["value"].unique()
    assert not [value for value in values if value in page.text]


def test_hostile_ids_are_text(tmp_path):
    book = {
        "accounts": pl.DataFrame({"account_id": HOSTILE}),
        "identifiers": pl.DataFrame(
            {"account_id": HOSTILE, "kind": ["device"] * 3, "value": ["<b>D</b>"] * 3}
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
    page = read(write(tmp_path / "<u>out</u>", analyze(book)))
    assert not {"script", "img", "b>", "i", "u"} & set(page.tags)
    assert all(account in page.text for account in HOSTILE)
    assert "<b>D</b>" in page.text
    assert "<i>me</i>" in page.text
