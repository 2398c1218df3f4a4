"""graphrisk query: the library listed, told and asked; limits, formats and refusals."""

import csv
import io
import json
import shutil

import polars as pl
import pytest
from click.testing import CliRunner

from graphrisk.cli.main import main
from graphrisk.stores.library import queries

from .conftest import FIXTURE


@pytest.fixture(scope="module")
def asked(analysed, tmp_path_factory):
    """An analysis folder of this module's own: asking lays its graph out beside the tables."""
    return shutil.copytree(analysed[0], tmp_path_factory.mktemp("asked") / "book.analysis")


@pytest.fixture(scope="module")
def suspect(analysed):
    decisions = pl.read_parquet(analysed[0] / "decisions.parquet")
    return decisions.sort("risk_prob", descending=True)["account_id"][0]


def rows(result):
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)["rows"]


def test_without_a_name_the_library_is_listed(run):
    said = run("query").stdout
    told = json.loads(run("query", "--json").stdout)["queries"]
    assert [one["name"] for one in told] == [q.name.split("/")[1] for q in queries()]
    assert all(one["name"] in said and one["title"] for one in told)


def test_a_question_tells_what_it_takes_and_gives(run):
    said = run("query", "seeds", "--about").stdout
    assert "soon_days (number, default 30.0)" in said
    assert "source (text, default none)" in said
    assert "expires_at (time)" in said
    told = json.loads(run("query", "seeds", "--about", "--json").stdout)
    assert told["name"] == "seeds"
    assert {"name", "type", "required", "default", "meaning"} == set(told["parameters"][0])


class TestAsking:
    def test_every_question_answers_on_an_analysis(self, run, asked, suspect):
        given = {
            "account_id": suspect,
            "entity_key": f"account:{suspect}",
            "since": "2026-01-01",
            "earlier": "none",
        }
        n_answered = 0
        for one in queries():
            needs = [p.name for p in one.parameters if p.required]
            typed = [f"--param={name}={given[name]}" for name in needs]
            found = rows(run("query", one.name.split("/")[1], *typed, "--in", asked, "--json"))
            assert all(list(row) == [c.name for c in one.columns] for row in found)
            n_answered += bool(found)
        assert n_answered > 12

    def test_the_answer_is_that_of_the_analysis(self, run, asked):
        decisions = pl.read_parquet(asked / "decisions.parquet")
        expected = decisions.filter(pl.col("tier") == "close").sort(
            ["risk_prob", "account_id"], descending=[True, False]
        )
        found = rows(run("query", "closure_candidates", "--in", asked, "--json"))
        for column in ("account_id", "risk_prob", "rule", "evidence_path"):
            assert [row[column] for row in found] == expected[column].to_list()

    def test_times_go_in_and_come_out_as_iso(self, run, asked):
        since = "2026-06-01T00:00:00Z"
        found = rows(run("query", "new_links", f"--param=since={since}", "--in", asked, "--json"))
        assert found
        assert all(since <= row["at"] and row["at"].endswith("Z") for row in found)

    def test_the_newest_analysis_is_asked_by_default(self, run, asked, tmp_path):
        shutil.copytree(asked, tmp_path / "mine.analysis")
        assert rows(run("query", "runs", "--json"))[0]["n_close"] > 0

    def test_an_embedded_store_can_be_asked(self, run, tmp_path):
        place = f"embedded:{tmp_path / 'graph'}"
        run("analyze", FIXTURE, "--out", tmp_path / "x.analysis", "--store", place)
        assert rows(run("query", "closure_candidates", "--store", place, "--json"))

    def test_csv_has_the_columns_and_all_rows(self, run, asked):
        text = run("query", "closure_candidates", "--in", asked, "--format", "csv").stdout
        found = list(csv.DictReader(io.StringIO(text)))
        told = rows(run("query", "closure_candidates", "--in", asked, "--json"))
        assert [one["account_id"] for one in found] == [one["account_id"] for one in told]

    def test_rows_that_are_left_out_are_spoken_of(self, run, asked):
        done = run("query", "new_links", "--param=since=2020-01-01", "--in", asked, "--limit", 3)
        assert done.exit_code == 0
        assert "more than 3 rows" in done.stderr
        told = run("query", "new_links", "--param=since=2020-01-01", "--in", asked, "--limit", 3,
                   "--json")  # fmt: skip
        assert json.loads(told.stdout)["is_cut"]
        assert len(rows(told)) == 3

    def test_nothing_found_is_an_answer(self, run, asked):
        done = run("query", "shared_identifiers", "--param=account_id=nobody", "--in", asked)
        assert done.exit_code == 0
        assert "Nothing was found" in done.stdout


class TestFreely:
    TEXT = "MATCH (a:Account) WHERE a.account_id = $one RETURN a.account_id AS it"

    def test_a_statement_of_ones_own(self, run, asked, suspect):
        done = run("query", "--cypher", self.TEXT, f"--param=one={suspect}", "--in", asked,
                   "--json")  # fmt: skip
        assert rows(done) == [{"it": suspect}]

    def test_from_stdin(self, asked, suspect):
        arguments = ["query", "--cypher", "-", f"--param=one={suspect}", "--in", str(asked)]
        done = CliRunner().invoke(main, [*arguments, "--json"], input=self.TEXT)
        assert rows(done) == [{"it": suspect}]

    def test_what_writes_is_refused_and_changes_nothing(self, run, asked):
        before = rows(run("query", "runs", "--in", asked, "--json"))
        done = run("query", "--cypher", "MATCH (n) DETACH DELETE n", "--in", asked)
        assert done.exit_code == 2
        assert "DETACH" in done.stderr
        assert rows(run("query", "runs", "--in", asked, "--json")) == before


@pytest.mark.parametrize(
    ("arguments", "said", "code"),
    [
        (["ringz"], "rings", 2),
        (["new_links"], "since is missing", 2),
        (["rings", "--param", "n_accounts=many"], "n_accounts is not a whole number", 2),
        (["rings", "--param", "n_acounts=3"], "no parameter is called 'n_acounts'", 2),
        (["rings", "--param", "3"], "NAME=VALUE", 2),
        (["rings", "--param", "n_most=1", "--param", "n_most=2"], "given twice", 2),
        (["rings", "--cypher", "RETURN 1 AS x"], "one of the two", 2),
        (["rings", "--in", "x", "--store", "embedded:y"], "one of the two", 2),
        (["--param", "a=b"], "no question is named", 2),
        (["rings", "--limit", "0"], "--limit", 2),
        (["rings", "--store", "bolt://127.0.0.1:1"], "can't be reached", 6),
        (["rings"], "analysis", 2),
    ],
)
def test_what_can_not_be_asked_is_said_before_a_store_is_made(run, arguments, said, code, tmp_path):
    done = run("query", *arguments)
    assert done.exit_code == code
    assert said in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_values_are_not_repeated_in_errors(run):
    done = run("query", "rings", "--param", "n_accounts=13800138000x")
    assert "13800138000" not in done.output
