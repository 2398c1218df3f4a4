"""Documents, pictures and cells: what strangers wrote stays text, and everything fits."""

from html.parser import HTMLParser
from xml.etree import ElementTree as Tree

import pytest

from graphrisk.explain.account import Explanation, Hop, Path, Step
from graphrisk.explain.case import case_document
from graphrisk.explain.cells import padded, printable, width, wrapped
from graphrisk.explain.document import Document, Heading, Items, Paragraph, html, markdown, plain
from graphrisk.explain.notice import notice_document, notice_of
from graphrisk.explain.picture import case_picture, notice_picture, shortened
from graphrisk.explain.reasons import LANGUAGES
from graphrisk.explain.show import text_of
from graphrisk.model.policy import NoticeRule

EVIL = '<script>alert(1)</script>"&\x1b[2J\u202e|*_`' + "9" * 300
LANGS = pytest.mark.parametrize("lang", LANGUAGES)


def step(code: str, nats: float, via: str = "") -> Step:
    return Step(code, "text", "linked", nats, nats, 0.5, "hit", None, "", via, EVIL if via else "")


@pytest.fixture
def told() -> Explanation:
    """A case in which every stranger's text is hostile and long."""
    return Explanation(
        account_id=f"A1{EVIL}",
        tier="limit",
        tier_by_risk="close",
        risk_prob=0.6,
        prior_prob=0.02,
        rule="held_close_stale",
        rule_text="held",
        steps=(step("PRIOR", -3.9), step("REACH_DEVICE", 3.0, f"device:{EVIL}"), step("RING", 1.0)),
        path=Path(
            f"account:A1{EVIL}",
            tuple(Hop(EVIL, forward, f"device:{EVIL}") for forward in (True, False) * 4),
            "default",
            EVIL,
        ),
        down=None,
        up=None,
        as_of="2026-06-01T00:00:00Z",
        model_version="additive-1",
        policy_hash="0123",
        reasons=("REACH_DEVICE", "RING"),
    )


class Page(HTMLParser):
    """Notes what a browser would run or load."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.lang = ""
        self.loads: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.lang = dict(attrs).get("lang") or "" if tag == "html" else self.lang
        self.loads += [v or "" for k, v in attrs if k in ("src", "href") or k.startswith("on")]


@LANGS
class TestStrangersStayText:
    def test_in_html(self, told: Explanation, lang: str) -> None:
        notice = notice_of(told, NoticeRule(EVIL[:40].replace("\x1b", ""), 10), lang)
        for document in (case_document(told, lang), notice_document(notice)):
            page = Page(html(document))
            assert "script" not in page.tags and page.loads == []
            assert page.lang == LANGUAGES[lang]
            assert "prefers-color-scheme: dark" in html(document)

    def test_in_markdown(self, told: Explanation, lang: str) -> None:
        said = markdown(case_document(told, lang))
        assert "<script" not in said.replace("\\<", "")
        assert len({line.replace("\\|", "").count("|") for line in said.splitlines()}) == 2

    def test_in_pictures(self, told: Explanation, lang: str) -> None:
        notice = notice_of(told, NoticeRule("", 10), lang)
        for picture in (case_picture(told, lang), notice_picture(notice)):
            names = {node.tag.rpartition("}")[2] for node in Tree.fromstring(picture).iter()}
            assert names <= {"svg", "title", "style", "text", "rect", "line", "circle"}

    def test_on_a_terminal(self, told: Explanation, lang: str) -> None:
        notice = notice_of(told, NoticeRule("", 10), lang)
        for said in (text_of(told, lang=lang), plain(notice_document(notice))):
            assert all(char.isprintable() or char == "\n" for char in said)


@LANGS
def test_no_text_leaves_the_picture(told: Explanation, lang: str) -> None:
    root = Tree.fromstring(case_picture(told, lang))
    wide, high = (float(root.attrib[side]) for side in ("width", "height"))
    for node in root.iter():
        if node.tag.endswith("text"):
            cells = width(node.text or "") * 7.3
            x, is_end = float(node.attrib["x"]), node.attrib["text-anchor"] == "end"
            assert (x - cells if is_end else x) >= 0 and (x if is_end else x + cells) <= wide
            assert float(node.attrib["y"]) <= high


class TestCells:
    def test_chinese_is_two_cells_wide(self) -> None:
        assert (width("ab"), width("风险"), width("e\u0301")) == (2, 4, 1)
        assert padded("风险", 6) == "风险  " and padded("风险", 6, right=True) == "  风险"

    @pytest.mark.parametrize("n_cells", [12, 30, 88])
    def test_lines_fit_and_lose_nothing(self, n_cells: int) -> None:
        text = "由 core 核查每项原因所依据的记录，并重新作出决定。A word, and another one."
        said = wrapped(text, n_cells, "  ")
        assert "".join(said.split()) == "".join(text.split())
        assert all(width(line) <= n_cells + 2 for line in said.splitlines())
        assert all(line.startswith("  ") for line in said.splitlines())

    def test_no_line_begins_with_what_closes(self) -> None:
        said = wrapped("风险，" * 20, 11)
        assert not any(line[0] in "，。）" for line in said.splitlines())

    def test_a_long_word_keeps_its_own_line(self) -> None:
        assert wrapped("a " + "x" * 50 + " b", 10).splitlines() == ["a", "x" * 50, "b"]

    def test_what_is_cut_keeps_both_ends(self) -> None:
        assert shortened("account:123456789", 9) == "acco…6789"
        assert width(shortened("风" * 40, 9)) <= 9

    def test_cursors_stay_where_they_are(self) -> None:
        assert printable("a\x1b\u202eb\nc") == "a\ufffd\ufffdb\nc"


def test_a_document_reads_the_same_in_every_form() -> None:
    items = Items([("one", "more"), ("two", "")])
    document = Document("en", "Title", [Heading("Part"), Paragraph("Text."), items])
    assert plain(document) == "Title\n=====\n\nPart\n\nText.\n\n  1. one\n     more\n  2. two"
    assert markdown(document) == "# Title\n\n## Part\n\nText.\n\n1. one\\\n   more\n2. two\n"
    assert "<li>one<br>" in html(document)
