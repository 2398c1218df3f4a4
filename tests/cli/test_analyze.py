"""graphrisk analyze: what it prints, what it writes, and how it ends."""

import json
import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from graphrisk.errors import IntegrityFailure
from graphrisk.report.layout import ANALYSIS_NAMES

from .conftest import FIXTURE, append

SCRIPT = str(Path(sys.executable).with_name("graphrisk"))


@pytest.fixture
def faulty(book):
    """A book with a dangling link, a negative amount and a date to come."""
    append(book / "transfers.csv", "A00245618,A99999999,2025-01-01T00:00:00Z,100,CNY")
    append(
        book / "applications.csv",
        "P1,A00245618,L01,2025-01-01T00:00:00Z,-5,CNY,approved,own",
        "P2,A00245618,L01,2199-01-01T00:00:00Z,500,CNY,approved,own",
    )
    return book


@pytest.fixture
def unusable(faulty):
    """The same book without the column that says what a label means."""
    labels = faulty / "labels.csv"
    pl.read_csv(labels, infer_schema=False).drop("label").write_csv(labels)
    return faulty


class TestDone:
    def test_a_clean_dataset_exits_0(self, analysed):
        assert analysed[1].exit_code == 0

    def test_the_folder_holds_what_the_handbook_says(self, analysed):
        assert {path.name for path in analysed[0].iterdir()} == set(ANALYSIS_NAMES)

    def test_the_summary_counts_rows_accounts_and_hubs(self, analysed):
        said = analysed[1].stdout
        hubs = pl.read_parquet(analysed[0] / "entities.parquet").filter(pl.col("hub_class") != "")
        assert "10,362 rows read: 10,362 accepted, 0 duplicates, 0 quarantined." in said
        assert "600 accounts" in said
        assert f"protected hubs: {len(hubs)}." in said
        assert "As of 2026-06-29T23:44:43Z." in said

    def test_the_summary_shows_every_tier(self, analysed):
        for tier in ("clear", "monitor", "review", "limit", "close"):
            assert f"  {tier}" in analysed[1].stdout

    def test_the_summary_explains_one_account_that_only_links_and_behaviour_tell_of(self, analysed):
        explained = analysed[1].stdout.partition("One decision explained")[2]
        assert "From prior to risk" in explained
        assert "LABEL_" not in explained
        assert "Strongest evidence path" in explained

    def test_the_summary_ends_with_the_path_of_the_result(self, analysed):
        assert analysed[1].stdout.rstrip().endswith(str(analysed[0]))

    def test_what_may_name_a_person_is_masked_in_the_summary(self, analysed):
        book = pl.read_csv(FIXTURE / "identifiers.csv", infer_schema=False)
        values = book.filter(pl.col("kind") != "device")["value"]
        assert not [value for value in values.unique() if value in analysed[1].stdout]

    def test_nothing_but_results_where_nobody_watches(self, analysed):
        assert analysed[1].stderr == ""

    def test_json_is_one_object_and_nothing_else(self, run):
        done = run("analyze", FIXTURE, "--json")
        summary = json.loads(done.stdout)
        assert summary["exit_code"] == done.exit_code == 0
        assert summary["out"] == "demo_small.analysis"
        assert summary["as_of"] == "2026-06-29T23:44:43Z"
        assert summary["counts"]["n_rows_read"] == summary["counts"]["n_accepted"] == 10_362
        assert sum(summary["tiers"].values()) == summary["counts"]["n_accounts"] == 600
        assert len(summary["policy_hash"]) == 16
        assert summary["seconds"] > 0
        assert done.stderr == ""

    def test_the_folder_is_named_after_the_dataset(self, run, tmp_path):
        run("analyze", FIXTURE)
        assert (tmp_path / "demo_small.analysis" / "decisions.parquet").is_file()

    def test_an_earlier_analysis_is_replaced(self, run, tmp_path):
        run("analyze", FIXTURE, "--as-of", "2026-01-01", "--out", "out")
        run("analyze", FIXTURE, "--as-of", "2026-02-01T12:30:00+02:00", "--out", "out")
        record = json.loads((tmp_path / "out" / "run.json").read_text())
        assert record["as_of"] == "2026-02-01T10:30:00Z"
        assert [path.name for path in tmp_path.iterdir()] == ["out"]

    def test_the_current_directory_will_do_if_it_is_empty(self, run, tmp_path):
        assert run("analyze", FIXTURE, "--out", ".").exit_code == 0
        assert {path.name for path in tmp_path.iterdir()} == set(ANALYSIS_NAMES)

    def test_a_policy_is_laid_over_the_default(self, run, tmp_path):
        (tmp_path / "all.toml").write_text("[tiers]\nmonitor_prob = 0.021\n")
        strict = json.loads(run("analyze", FIXTURE, "--policy", "all.toml", "--json").stdout)
        plain = json.loads(run("analyze", FIXTURE, "--json").stdout)
        assert strict["policy_hash"] != plain["policy_hash"]
        assert strict["tiers"]["clear"] < plain["tiers"]["clear"]

    @pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
    def test_progress_goes_to_stderr_where_somebody_watches(self, tmp_path):
        watching, terminal = os.openpty()
        command = [SCRIPT, "analyze", str(FIXTURE), "--json", "--threads", "1"]
        done = subprocess.run(
            command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=terminal, check=True
        )
        os.close(terminal)
        assert json.loads(done.stdout)["exit_code"] == 0
        assert b"Read and validate" in os.read(watching, 100_000)
        os.close(watching)


class TestDoneWithQuarantine:
    def test_rows_with_faults_are_set_aside_and_told(self, run, faulty):
        done = run("analyze", faulty)
        assert done.exit_code == 3
        assert "3 quarantined" in done.stdout
        for code in ("dangling_reference", "negative_amount", "future_time"):
            assert code in done.stdout

    def test_the_quarantine_names_file_line_and_column(self, run, faulty, tmp_path):
        run("analyze", faulty)
        lines = (tmp_path / "book.analysis" / "quarantine.jsonl").read_text().splitlines()
        places = {(r["file"], r["column"], r["code"]) for r in map(json.loads, lines)}
        assert ("applications.csv", "amount_minor", "negative_amount") in places

    def test_personal_values_are_masked(self, run, book, tmp_path):
        phone = "+8613800138000"
        append(
            book / "identifiers.csv",
            f"A00000000,phone,{phone},2025-01-01T00:00:00Z,2025-01-01T00:00:00Z,form",
            f"A00245618,phone,{phone}\x07,2025-01-01T00:00:00Z,2025-01-01T00:00:00Z,form",
        )
        done = run("analyze", book)
        assert done.exit_code == 3
        assert phone not in done.output
        assert phone not in (tmp_path / "book.analysis" / "quarantine.jsonl").read_text()


class TestRefused:
    def test_one_run_tells_every_fault(self, run, unusable):
        done = run("analyze", unusable)
        assert done.exit_code == 4
        assert done.stdout == ""
        assert "labels.csv: required column label is missing" in done.stderr
        for code in ("dangling_reference", "negative_amount", "future_time"):
            assert code in done.stderr

    def test_the_faults_are_written_beside_and_no_decision_is(self, run, unusable, tmp_path):
        run("analyze", unusable)
        refused = tmp_path / "book.analysis.refused"
        assert {path.name for path in refused.iterdir()} == {"quarantine.jsonl", "run.json"}
        record = json.loads((refused / "run.json").read_text())
        assert len(record["faults"]) == 1
        assert record["rows"]["n_quarantined"] == 3
        assert not (tmp_path / "book.analysis").exists()

    def test_an_earlier_analysis_stays(self, run, book, tmp_path):
        run("analyze", book)
        before = (tmp_path / "book.analysis" / "run.json").read_bytes()
        (book / "accounts.csv").write_text("nothing\n1\n")
        assert run("analyze", book).exit_code == 4
        assert (tmp_path / "book.analysis" / "run.json").read_bytes() == before

    def test_a_place_for_the_note_that_is_not_ours_is_told_before_any_work(self, run, tmp_path):
        (tmp_path / "out.refused").mkdir()
        (tmp_path / "out.refused" / "notes.txt").write_text("mine")
        assert run("analyze", FIXTURE, "--out", "out").exit_code == 2
        assert not (tmp_path / "out").exists()

    def test_the_note_goes_when_the_dataset_is_right_again(self, run, book, tmp_path):
        good = (book / "accounts.csv").read_bytes()
        (book / "accounts.csv").write_text("nothing\n1\n")
        run("analyze", book)
        (book / "accounts.csv").write_bytes(good)
        assert run("analyze", book).exit_code == 0
        assert not (tmp_path / "book.analysis.refused").exists()

    def test_json_tells_faults_and_quarantine(self, run, unusable):
        done = run("analyze", unusable, "--json")
        told = json.loads(done.stdout)
        assert told["error"] == "DatasetRefused"
        assert told["exit_code"] == done.exit_code == 4
        assert len(told["faults"]) == 1
        assert {row["code"] for row in told["quarantine"]} >= {"negative_amount", "future_time"}
        assert told["out"].endswith("book.analysis.refused")

    def test_a_folder_without_accounts_says_what_was_looked_for(self, run, tmp_path):
        (tmp_path / "empty").mkdir()
        done = run("analyze", "empty")
        assert done.exit_code == 4
        assert "accounts.csv" in done.stderr


class TestNotDone:
    @pytest.mark.parametrize(
        ("arguments", "told"),
        [
            (["nowhere"], "nowhere does not exist"),
            ([FIXTURE / "README.md"], "is a file"),
            ([], "Missing argument 'DATASET'"),
            ([FIXTURE, "--as-of", "yesterday"], "is not a time"),
            ([FIXTURE, "--as-of", "2199-01-01"], "lies ahead of the clock"),
            ([FIXTURE, "--as-of", "2001-01-01"], "no account was open as of 2001-01-01"),
            ([FIXTURE, "--policy", "nowhere.toml"], "nowhere.toml can't be read"),
            ([FIXTURE, "--mapping", "standrad"], "standrad"),
            ([FIXTURE, "--threads", "0"], "--threads"),
            ([FIXTURE, "--out", FIXTURE], "holds something else"),
        ],
    )
    def test_wrong_arguments_exit_2_and_leave_nothing(self, run, tmp_path, arguments, told):
        done = run("analyze", *arguments)
        assert done.exit_code == 2
        assert told in done.stderr
        assert "Traceback" not in done.stderr
        assert done.stdout == ""
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize("arguments", [["nowhere"], [FIXTURE, "--as-of", "yesterday"], []])
    def test_json_tells_wrong_arguments_too(self, run, arguments):
        done = run("analyze", *arguments, "--json")
        told = json.loads(done.stdout)
        assert told["exit_code"] == done.exit_code == 2
        assert {"error", "found", "expected", "hint", "faults"} <= set(told)
        assert told["found"]

    def test_a_place_that_cannot_be_written_exits_6(self, run, tmp_path):
        (tmp_path / "file").write_text("")
        done = run("analyze", FIXTURE, "--out", "file/out")
        assert done.exit_code == 6
        assert "can't be written" in done.stderr

    def test_a_broken_promise_exits_7(self, run, monkeypatch):
        def broken(*_: object, **__: object) -> None:
            raise IntegrityFailure("3 accounts do not add up", expected="0", hint="report it")

        monkeypatch.setattr("graphrisk.pipeline.analyze", broken)
        done = run("analyze", FIXTURE)
        assert done.exit_code == 7
        assert done.stderr.splitlines() == [
            "Error: 3 accounts do not add up",
            "  expected: 0",
            "  next: report it",
        ]

    def test_what_nobody_foresaw_keeps_its_traceback(self, run, monkeypatch):
        def broken(*_: object, **__: object) -> None:
            raise ZeroDivisionError

        monkeypatch.setattr("graphrisk.pipeline.analyze", broken)
        assert isinstance(run("analyze", FIXTURE).exception, ZeroDivisionError)
