"""A sheet makes the rows and columns that are asked for, and no others."""

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from graphrisk.intake.sheet import PART_ROWS, Sheet, Words

TABLE = pl.DataFrame({"word": ["a", "b", "c", "d"], "n": [1, 2, 3, 4]})
NAMES = pl.Series(["odd", "even"])


def coded(height: int) -> Sheet:
    code = (np.arange(height) + 1) % 2
    return Sheet(height, {"word": lambda rows: NAMES.gather(1 - code[rows])})


@pytest.mark.parametrize("rows", [slice(1, 3), np.array([1, 2]), slice(None)])
def test_rows_are_those_of_the_table(rows):
    assert_frame_equal(Sheet.of(TABLE).take(rows), TABLE[rows])
    assert_frame_equal(Sheet.of(TABLE).take(rows, ["n"]), TABLE[rows].select("n"))


def test_a_column_that_is_not_asked_for_is_not_made():
    def never(_: object) -> pl.Series:
        raise AssertionError

    sheet = Sheet(4, {**Sheet.of(TABLE).makers, "never": never})
    assert_frame_equal(sheet.take(slice(0, 4), ["n"]), TABLE.select("n"))


@pytest.mark.parametrize("height", [0, 1, PART_ROWS, PART_ROWS + 1])
def test_parts_put_together_are_the_whole(height):
    sheet = coded(height)
    parts = list(sheet.parts())
    assert max(part.height for part in parts) <= PART_ROWS
    whole = sheet.table()
    assert whole["word"].to_list() == (["odd", "even"] * height)[:height]
    assert_frame_equal(pl.concat(parts), whole)


@pytest.mark.parametrize("words", [["odd", "even"], ["odd", "odd", "even"], ["odd", "even", None]])
def test_words_made_by_their_codes_are_the_words(words):
    code = np.arange(-1, len(words), dtype=np.int8)
    sheet = Sheet(len(code), {"word": Words(words, lambda rows: code[rows])})
    coded = sheet.coded(1, sheet.height)
    assert isinstance(coded.schema["word"], pl.Enum)
    assert sheet.table()["word"].to_list() == [words[-1], *words]
    assert_frame_equal(coded.cast(pl.String), sheet.between(1, sheet.height))
