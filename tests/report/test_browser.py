"""report.html in a real browser: it is quiet, it fits, it is drawn, and the keyboard reaches it."""

import shutil

import pytest
from playwright.sync_api import sync_playwright

from graphrisk import analyze

from .conftest import write
from .test_page import hostile_book

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
INSTALL = (
    "This test opens the report in Chromium, which is not installed. On Debian: "
    "sudo apt-get update && sudo apt-get install chromium. Elsewhere: install Chromium or Chrome, "
    f"so that one of {', '.join(NAMES)} is on the PATH."
)
PHONE, DESK = 390, 1440

LONE_PICTURES = """
() => [...document.querySelectorAll('svg')].filter(svg => {
  const box = svg.getBoundingClientRect();
  const drawn = [...svg.querySelectorAll('rect, circle, path, polygon, line, text')]
    .filter(one => { const b = one.getBoundingClientRect(); return b.width + b.height > 0; });
  return !(box.width > 50 && box.height > 20 && drawn.length > 1);
}).map(svg => svg.textContent.slice(0, 60))
"""
OUTSIDE_ITS_PICTURE = """
() => [...document.querySelectorAll('svg text')].filter(text => {
  const a = text.getBoundingClientRect(), b = text.ownerSVGElement.getBoundingClientRect();
  return a.left < b.left - 2 || a.right > b.right + 2
    || a.top < b.top - 2 || a.bottom > b.bottom + 2;
}).map(text => text.ownerSVGElement.querySelector('title').textContent + ': ' + text.textContent)
"""
PALE_TEXT = """
() => {
  const rgb = colour => colour.match(/[\\d.]+/g).map(Number);
  const light = colour => rgb(colour).slice(0, 3).map(v => v / 255)
    .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ratio = (a, b) => {
    const [low, high] = [light(a), light(b)].sort((x, y) => x - y);
    return (high + .05) / (low + .05);
  };
  const paper = one => {
    for (; one; one = one.parentElement) {
      const colour = getComputedStyle(one).backgroundColor;
      if (!/, 0\\)$/.test(colour)) return colour;
    }
  };
  const inHtml = [...document.querySelectorAll('body *:not(svg, svg *)')]
    .filter(one => [...one.childNodes].some(n => n.nodeType === 3 && n.data.trim()))
    .filter(one => !one.matches('.tier b'))
    .map(one => [one, ratio(getComputedStyle(one).color, paper(one))]);
  const inSvg = [...document.querySelectorAll('svg text')].map(text => {
    const under = text.matches('.letter') ? getComputedStyle(text.previousElementSibling).fill
                                          : paper(text.ownerSVGElement);
    return [text, ratio(getComputedStyle(text).fill, under)];
  });
  return [...inHtml, ...inSvg].filter(([, r]) => r < 4.5)
    .map(([one, r]) => one.textContent.slice(0, 40) + ' ' + r.toFixed(2));
}
"""


def executable() -> str:
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.fail(INSTALL, pytrace=False)
    return found


@pytest.fixture(scope="module")
def browser():
    path = executable()
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture
def open_page(browser):
    """Open a file, and fail at the end if the page complained or asked for anything."""
    contexts, complaints, asked = [], [], []

    def opened(folder, width=DESK, scheme="light"):
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, offline=True
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("requestfailed", lambda request: complaints.append(request.url))
        page.on("request", lambda request: asked.append(request.url))
        page.goto((folder / "report.html").as_uri())
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not complaints
    assert all(url.startswith("file:") and url.endswith("/report.html") for url in asked)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [PHONE, DESK])
def test_it_fits_and_every_picture_is_drawn(written, open_page, width, scheme):
    page = open_page(written, width, scheme)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("document.querySelectorAll('svg').length") > 12
    assert page.evaluate(LONE_PICTURES) == []
    assert page.evaluate(OUTSIDE_ITS_PICTURE) == []
    assert page.evaluate(PALE_TEXT) == []


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_hostile_names_break_no_line(tmp_path, open_page, width):
    page = open_page(write(tmp_path / "out", analyze(hostile_book())), width)
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(OUTSIDE_ITS_PICTURE) == []


def test_light_and_dark_differ(written, open_page):
    paper = "getComputedStyle(document.body).backgroundColor"
    light = open_page(written, scheme="light").evaluate(paper)
    assert light != open_page(written, scheme="dark").evaluate(paper)


def test_the_keyboard_reaches_the_skip_link_and_opens_the_tables(written, open_page):
    page = open_page(written)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.evaluate("document.activeElement.getBoundingClientRect().top >= 0")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.parentElement.open")
    table = page.locator("details[open] table")
    assert table.count() == 1
    assert table.is_visible()


def test_every_picture_has_a_name_and_a_table(written, open_page):
    page = open_page(written)
    pictures = page.get_by_role("img")
    assert pictures.count() == page.locator("svg").count()
    behind = page.evaluate(
        "[...document.querySelectorAll('figure')]"
        ".map(one => one.querySelectorAll('details table tbody tr').length)"
    )
    assert behind
    assert min(behind) > 0
    names = page.evaluate(
        "[...document.querySelectorAll('svg')].map(svg => svg.getAttribute('aria-labelledby')"
        ".split(' ').map(id => document.getElementById(id).textContent.trim()))"
    )
    assert all(title and about for title, about in names)


def test_it_can_be_printed(written, open_page):
    page = open_page(written, scheme="dark")
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("getComputedStyle(document.querySelector('nav')).display") == "none"
    assert page.evaluate(LONE_PICTURES) == []
    assert len(page.pdf(format="A4", print_background=True)) > 50_000


def test_how_long_it_takes_to_open_is_told(written, open_page, record_property):
    page = open_page(written)
    took = page.evaluate("performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd")
    record_property("dom_content_loaded_ms", round(took))
    print(f"report.html: {(written / 'report.html').stat().st_size:,} bytes, {took:.0f} ms")
