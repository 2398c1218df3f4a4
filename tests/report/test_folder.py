"""The analysis folder: the same bytes for the same input, and all of it readable again."""

import errno
import json
import random
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from graphrisk import Analysis, analyze, read_dataset
from graphrisk.errors import StorageUnavailable
from graphrisk.graph.build import build_graph
from graphrisk.report import parquet, tables
from graphrisk.report.layout import ANALYSIS_NAMES
from graphrisk.report.parquet import write_in_parts, write_parquet
from graphrisk.report.tables import (
    links_table,
    write_accepted,
    write_csv,
)

from .conftest import FIXTURE, write

STABLE = (
    "decisions.parquet",
    "decisions.csv",
    "entities.parquet",
    "evidence.parquet",
    "report.html",
    "graph/entities.parquet",
    "graph/links.parquet",
    "graph/labels.parquet",
)


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in STABLE}


class TestBytes:
    @pytest.mark.parametrize("n_threads", [1, 2])
    def test_neither_row_order_nor_threads_change_a_byte(self, written, tmp_path, n_threads):
        shuffled = shutil.copytree(FIXTURE, tmp_path / "demo_small")
        dice = random.Random(n_threads)
        for table in shuffled.glob("*.csv"):
            header, *rows = table.read_text(encoding="utf-8").splitlines(keepends=True)
            dice.shuffle(rows)
            table.write_text(header + "".join(rows), encoding="utf-8")
        again = write(tmp_path / "out", analyze(shuffled, n_threads=n_threads))
        assert bytes_of(again) == bytes_of(written)

    def test_nor_does_a_process_with_one_thread_in_all(self, written, tmp_path):
        script = Path(sys.executable).with_name("graphrisk")
        out = tmp_path / "out"
        command = [script, "analyze", FIXTURE, "--out", out, "--threads", "1"]
        subprocess.run(command, check=True, capture_output=True)
        assert bytes_of(out) == bytes_of(written)


class TestTables:
    def test_evidence_adds_up_to_the_risk_of_every_account(self, written):
        decisions = pl.read_parquet(written / "decisions.parquet")
        log_odds = (
            pl.read_parquet(written / "evidence.parquet")
            .group_by("account_id")
            .agg(pl.col("nats").sum())
            .sort("account_id")
        )
        assert log_odds["account_id"].equals(decisions["account_id"])
        from_terms = 1 / (1 + np.exp(-log_odds["nats"].to_numpy()))
        assert np.abs(from_terms - decisions["risk_prob"].to_numpy()).max() < 1e-9

    def test_csv_and_parquet_say_the_same(self, written):
        parquet = pl.read_parquet(written / "decisions.parquet")
        csv = pl.read_csv(written / "decisions.csv", infer_schema=False)
        assert csv.columns == parquet.columns
        assert csv["account_id"].equals(parquet["account_id"])
        assert csv["risk_prob"].cast(pl.Float64).equals(parquet["risk_prob"])
        assert csv["as_of"].unique().to_list() == ["2026-06-29T23:44:43Z"]

    def test_a_spreadsheet_runs_nothing(self, tmp_path):
        starts = ["=", "+", "-", "@", "\t", "\r"]
        table = pl.DataFrame({"id": [f"{s}1+1" for s in starts] + ["A=1"], "nats": [-1.5] * 7})
        write_csv(table, tmp_path / "out.csv")
        back = pl.read_csv(tmp_path / "out.csv", infer_schema=False)
        assert back["id"].to_list() == [f"'{s}1+1" for s in starts] + ["A=1"]
        assert set(back["nats"]) == {"-1.5"}

    def test_fractions_of_a_second_are_kept_and_missing_times_are_empty(self, tmp_path):
        times = pl.Series([0, 1_500_000, None], dtype=pl.Datetime("us", "UTC"))
        write_csv(pl.DataFrame({"at": times, "n": [1, 2, 3]}), tmp_path / "out.csv")
        assert (tmp_path / "out.csv").read_text().splitlines()[1:] == [
            "1970-01-01T00:00:00Z,1",
            "1970-01-01T00:00:01.500Z,2",
            ",3",
        ]

    def test_quarantine_is_one_json_object_a_line(self, tmp_path):
        book = {"accounts": pl.DataFrame({"account_id": ["A1", "A2", "A\x07"]})}
        folder = write(tmp_path / "out", analyze(book))
        lines = (folder / "quarantine.jsonl").read_text(encoding="utf-8").splitlines()
        records = [json.loads(line) for line in lines]
        assert [record["code"] for record in records] == ["control_character"]
        assert {"file", "line", "column", "reason", "value", "table"} <= set(records[0])


class TestGraphFolder:
    def test_reading_it_again_gives_the_same_graph(self, analysis, written):
        again = read_dataset(written / "graph")
        assert again.quarantine.is_empty()
        graph, first = build_graph(again, as_of=analysis.as_of), analysis.graph
        assert graph.kinds == first.kinds
        assert graph.entity_id.equals(first.entity_id)
        assert graph.usages == first.usages
        assert np.array_equal(graph.usage_code, first.usage_code)
        assert links_table(graph).equals(links_table(first))
        for rows in ("offsets", "neighbor", "link", "reverse"):
            assert np.array_equal(getattr(graph, rows), getattr(first, rows))

    def test_its_labels_are_seeds_again(self, analysis, written):
        again = analyze(written / "graph", as_of=analysis.as_of)
        assert again.entities["label"].equals(analysis.entities["label"])

    def test_nothing_known_later_is_in_it(self, tmp_path):
        dataset = read_dataset(FIXTURE)
        early = dataset.newest_at.replace(year=2025)
        folder = write(tmp_path / "out", analyze(dataset, as_of=early))
        again = read_dataset(folder / "graph")
        assert again.quarantine.is_empty()
        assert again.newest_at <= early
        assert len(again.tables["labels"]) < len(dataset.tables["labels"])

    def test_a_book_without_links_or_labels_reads_again(self, tmp_path):
        found = analyze({"accounts": pl.DataFrame({"account_id": ["A1"]})})
        folder = write(tmp_path / "out", found)
        assert len(analyze(folder / "graph").decisions) == 1


class TestParts:
    @pytest.mark.parametrize("n_rows", [0, 1, 5, 6, 17])
    def test_a_table_made_in_parts_has_the_bytes_of_one_made_at_once(
        self, tmp_path, monkeypatch, n_rows
    ):
        monkeypatch.setattr(parquet, "ROWS_PER_GROUP", 6)
        table = pl.DataFrame({"id": [f"a{n % 4}" for n in range(n_rows)], "n": range(n_rows)},
                             schema={"id": pl.String, "n": pl.Int64})  # fmt: skip
        write_parquet(table, tmp_path / "once")
        write_in_parts(lambda first, last: table[first:last], n_rows, tmp_path / "parts")
        assert (tmp_path / "parts").read_bytes() == (tmp_path / "once").read_bytes()
        assert pl.read_parquet(tmp_path / "parts").equals(table)

    def test_words_given_by_their_codes_are_stored_as_text(self, tmp_path):
        table = pl.DataFrame({"kind": ["a", "b", None, "a"], "nats": [0.5, None, -1.0, 2.0]})
        write_parquet(table.with_columns(pl.col("kind").cast(pl.Enum(["b", "a"]))), tmp_path / "t")
        back = pl.read_parquet(tmp_path / "t")
        assert back.schema == table.schema and back.equals(table)

    def test_a_fault_in_a_part_is_told(self, tmp_path):
        def rows(first: int, last: int) -> pl.DataFrame:
            if last > parquet.ROWS_PER_GROUP:
                raise OSError(errno.ENOSPC, "No space left on device")
            return pl.DataFrame({"n": range(first, last)}, schema={"n": pl.Int64})

        with pytest.raises(Exception, match="No space left"):
            write_in_parts(rows, parquet.ROWS_PER_GROUP + 1, tmp_path / "out")


class TestDatasetFolder:
    BOOK = pl.DataFrame({"account_id": ["A1", "A2", "A3", "A4"], "status": ["x", None, "y", "x"]})

    def test_no_order_of_rows_changes_a_byte(self, tmp_path):
        for name, book in (("one", self.BOOK), ("two", self.BOOK.reverse())):
            write_accepted(read_dataset({"accounts": book}).tables["accounts"], tmp_path / name)
        one, two = (tmp_path / name for name in ("one", "two"))
        assert one.read_bytes() == two.read_bytes()
        assert set(pl.read_parquet(one)["account_id"]) == {"A1", "A2", "A3", "A4"}

    def test_nor_does_it_where_hashes_collide(self, tmp_path, monkeypatch):
        alike = pl.Series([7, 7, 7, 7], dtype=pl.UInt64)
        monkeypatch.setattr(pl.DataFrame, "hash_rows", lambda _: alike)
        in_order = [tables.in_order(book)(0, 4) for book in (self.BOOK, self.BOOK.reverse())]
        assert in_order[0].equals(in_order[1])
        assert in_order[0].equals(self.BOOK)


class TestWhole:
    def test_it_holds_all_it_should(self, written):
        assert {path.name for path in written.iterdir()} == set(ANALYSIS_NAMES)

    @pytest.mark.parametrize("step", ["write_csv", "write_graph", "render", "analysis_record"])
    def test_a_crash_at_any_step_leaves_the_earlier_one(
        self, analysis: Analysis, tmp_path, monkeypatch, step
    ):
        folder = write(tmp_path / "out", analysis)
        before = bytes_of(folder)

        def full(*_: object, **__: object) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(f"graphrisk.report.folder.{step}", full)
        with pytest.raises(StorageUnavailable):
            write(folder, analysis)
        assert bytes_of(folder) == before
        assert list(tmp_path.iterdir()) == [folder]
