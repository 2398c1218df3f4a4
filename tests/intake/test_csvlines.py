"""Physical lines and stray quotes, held against readers that go character by character."""

import csv
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphrisk.intake.csvlines import (
    count_line_ends,
    first_stray_quote,
    hold_rows,
    lines_with_odd_quotes,
    physical_lines,
)

TEXT = st.text(alphabet='ab,"\r\n', max_size=60)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("lines") / "table.csv"


def lines_of(text, place):
    place.write_bytes(text.encode() or b"\n")
    return physical_lines(place, "utf-8")


@given(text=TEXT, at=st.integers(0, 60))
def test_line_ends_are_those_of_universal_newlines(text, at):
    expected = len(io.StringIO(text, newline=None).getvalue().split("\n")) - 1
    data = text.encode()
    assert count_line_ends(data) == expected
    head, tail = data[:at], data[at:]
    assert count_line_ends(head) + count_line_ends(tail, head[-1:]) == expected


@given(text=TEXT)
def test_lines_are_those_of_universal_newlines(place, text):
    lines = lines_of(text, place)
    expected = io.StringIO(text or "\n", newline=None).getvalue().split("\n")
    assert [lines.text(at + 1) for at in range(len(lines.ends))] == expected
    starts = lines.starts()
    assert starts[0] == 0
    assert (starts[1:] == lines.ends[:-1] + 1).all()


def cells_that_go_on(line):
    """Say whether a cell goes on behind its closing quote, or never ends."""
    state = "start"
    for letter in line:
        if state == "start":
            state = {'"': "open", ",": "start"}.get(letter, "bare")
        elif state == "bare":
            state = "start" if letter == "," else "bare"
        elif state == "open":
            state = "closed" if letter == '"' else "open"
        elif letter == '"':
            state = "open"
        elif letter == ",":
            state = "start"
        else:
            return "goes on"
    return "never ends" if state == "open" else ""


@given(rows=st.lists(st.text(alphabet='ab,"', max_size=12), min_size=1, max_size=6))
def test_odd_quotes_are_found_line_by_line(place, rows):
    lines = lines_of("h\n" + "\n".join(rows), place)
    found = [cells_that_go_on(row) for row in rows]
    if "never ends" in found:
        with pytest.raises(ValueError, match="opened and never closed"):
            lines_with_odd_quotes(lines, ",", 1)
    else:
        expected = [at + 2 for at, what in enumerate(found) if what]
        assert lines_with_odd_quotes(lines, ",", 1) == expected


@given(rows=st.lists(st.lists(st.text(alphabet='ab,"\r\n', max_size=6), min_size=2, max_size=2),
                     min_size=1, max_size=5))  # fmt: skip
def test_what_a_writer_quoted_has_no_stray_quote(place, rows):
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows(rows)
    place.write_bytes(text.getvalue().encode())
    assert first_stray_quote(place, ",", "utf-8") is None


@pytest.mark.parametrize(
    ("record", "holds"),
    [
        ('a1,"x\na2,y\na3,z"', True),
        ('a1,"x\r\na2,y"', True),
        ('a1,"first line\nsecond line"', False),
        ('a1,"one, two\nthree"', False),
        ('a1,"x\n\na3,z"', False),
        ("a1,x", False),
    ],
)
def test_a_record_whose_lines_all_look_like_rows_is_told(place, record, holds):
    lines = lines_of(f"account_id,status\n{record}\na9,z\n", place)
    n_lines = record.count("\n") + 1
    found = hold_rows(lines, np.array([2, 2 + n_lines]), np.array([n_lines, 1]), ",", 2)
    assert found.tolist() == [holds, False]
