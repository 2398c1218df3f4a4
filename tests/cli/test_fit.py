"""``graphrisk fit``, and the commands that use what it learned."""

import json

import polars as pl
import pytest
from click.testing import CliRunner

from graphrisk.cli.main import main


@pytest.fixture(scope="module")
def learned(tmp_path_factory):
    folder = tmp_path_factory.mktemp("learned")
    book, model = folder / "book", folder / "book.model.json"
    run = CliRunner().invoke
    assert run(main, ["demo", str(book), "--accounts", "600"]).exit_code == 0
    found = run(main, ["fit", str(book), "--out", str(model), "--json"])
    assert found.exit_code == 0, found.output
    return book, model, json.loads(found.stdout)


def test_it_says_what_it_learned(learned):
    _, model, said = learned
    assert said["chosen"] in ("additive", "boosted")
    assert json.loads(model.read_text(encoding="utf-8"))["hash"] == said["hash"]
    assert (model.parent / "book.model.card.md").read_text(encoding="utf-8").startswith("# Model")


def test_analyze_and_explain_use_it(learned):
    book, model, said = learned
    out = model.parent / "with.analysis"
    run = CliRunner().invoke
    found = run(main, ["analyze", str(book), "--model", str(model), "--out", str(out)])
    assert found.exit_code in (0, 3), found.output
    decisions = pl.read_parquet(out / "decisions.parquet")
    assert decisions["model_version"].unique().to_list() == [said["version"]]
    riskiest = decisions.sort("risk_prob")["account_id"][-1]
    told = run(main, ["explain", riskiest, "--in", str(out)])
    assert told.exit_code == 0, told.output
    assert "BASE_RATE" in told.stdout
    assert said["hash"] in told.stdout


def test_what_if_questions_are_refused_in_words(learned):
    book, model, _ = learned
    out = model.parent / "what_if.analysis"
    run = CliRunner().invoke
    run(main, ["analyze", str(book), "--model", str(model), "--out", str(out)])
    account = pl.read_parquet(out / "decisions.parquet")["account_id"][0]
    told = run(main, ["explain", account, "--in", str(out), "--what-if", "smallest"])
    assert told.exit_code == 2
    assert "without --model" in told.output


def test_evaluate_learns_anew_within_each_split(learned):
    book, model, _ = learned
    found = CliRunner().invoke(
        main, ["evaluate", str(book), "--model", str(model), "--splits", "1", "--json"]
    )
    assert found.exit_code == 0, found.output
    record = json.loads(found.stdout)
    names = [row["method"] for row in record["methods"]]
    assert names[0] == "graphrisk, fitted"
    assert record["splits"][0]["model_version"].startswith("fitted-")


def test_a_dataset_without_labels_is_refused(tmp_path):
    pl.DataFrame({"account_id": ["A", "B"]}).write_csv(tmp_path / "accounts.csv")
    found = CliRunner().invoke(main, ["fit", str(tmp_path)])
    assert found.exit_code == 2
    assert "0 bad and 0 good accounts are labelled" in found.output
