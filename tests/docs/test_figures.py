"""Figures that prose repeats are those of the tables that benchmarks write."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def between(page, mark):
    """Rows of the table that a benchmark wrote into a page, by their first cell."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    table = text.split(f"<!-- measured {mark}: begin -->")[1].split("<!-- measured")[0]
    rows = [line.strip("| ").split(" | ") for line in table.splitlines() if line.startswith("| ")]
    return {row[0]: row[1:] for row in rows}


def figure(cell):
    """The number that a cell begins with."""
    return float(cell.split()[0])


def test_the_readme_tells_the_accuracy_that_was_measured():
    measured = sorted(f"{figure(row[0]):.2f}".lstrip("0")
                      for name, row in between("accuracy.md", "untrained").items()
                      if name != "graph")  # fmt: skip
    said = re.search(r"its ROC-AUC is\s+(\S+), (\S+) and (\S+), near", README)
    assert said is not None
    assert list(said.groups()) == measured


def test_the_page_of_the_benchmarks_tells_the_accuracy_that_was_measured():
    page = (ROOT / "benchmarks" / "README.md").read_text(encoding="utf-8")
    measured = between("accuracy.md", "untrained")
    for graph, kind in (
        ("p2p_payments", "payments between people"), ("tolokers", "crowd workers"),
        ("sichuan_telecom", "phones that called"),
    ):  # fmt: skip
        row = next(line for line in page.splitlines() if line.startswith(f"| {kind}"))
        told = [float(cell) for cell in row.split(" | ")[2:5]]
        assert told == [round(figure(cell), 3) for cell in measured[graph]]
