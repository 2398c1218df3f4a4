"""graphrisk explain: one decision, out of the folder alone."""

import json
import shutil
import subprocess
import sys

import polars as pl
import pytest

from .conftest import FIXTURE


@pytest.fixture(scope="module")
def decisions(analysed):
    return pl.read_parquet(analysed[0] / "decisions.parquet")


@pytest.fixture(scope="module")
def linked(decisions):
    """An account above clear with an evidence path of more than one link, and good evidence."""
    found = decisions.filter((pl.col("n_hops") > 1) & (pl.col("good_nats") < -0.9))
    return found.sort("risk_prob", descending=True).row(
        0, named=True
    )  # fmt: skip


@pytest.fixture(scope="module")
def held(decisions):
    """An account that a rule held below what its risk asks for."""
    return decisions.filter(pl.col("rule").str.starts_with("held")).row(0, named=True)


class TestWaterfall:
    def test_every_term_is_told_with_its_reason(self, run, analysed, linked):
        said = run("explain", linked["account_id"], "--in", analysed[0]).stdout
        terms = pl.read_parquet(analysed[0] / "evidence.parquet").filter(
            pl.col("account_id") == linked["account_id"]
        )
        for code in terms["reason_code"]:
            assert code in said

    def test_steps_run_from_prior_to_risk(self, run, analysed, decisions):
        for row in decisions.gather_every(60).iter_rows(named=True):
            told = json.loads(
                run("explain", row["account_id"], "--in", analysed[0], "--json").stdout
            )
            assert told["steps"][0]["risk_prob"] == pytest.approx(0.02)
            assert told["steps"][-1]["risk_prob"] == pytest.approx(row["risk_prob"], abs=1e-9)
            assert sum(step["nats"] for step in told["steps"]) == pytest.approx(
                told["steps"][-1]["log_odds"]
            )

    def test_bars_show_what_raises_and_what_lowers(self, run, analysed, linked):
        said = run("explain", linked["account_id"], "--in", analysed[0]).stdout
        assert "++++" in said
        assert "--" in said


class TestPathAndRule:
    def test_the_path_runs_down_to_the_seed_and_its_source(self, run, analysed, linked):
        said = run("explain", linked["account_id"], "--in", analysed[0]).stdout
        chain = said.partition("Strongest evidence path\n")[2].partition("\n\n")[0].splitlines()
        assert len(chain) == linked["n_hops"] + 2
        assert chain[0].strip() == f"account:{linked['account_id']}"
        assert [len(line) - len(line.lstrip()) for line in chain] == [
            2 * depth for depth in range(1, len(chain) + 1)
        ]
        assert "according to" in chain[-1]

    def test_a_rule_that_held_back_is_told_in_words(self, run, analysed, held):
        said = run("explain", held["account_id"], "--in", analysed[0]).stdout
        assert f"({held['rule']})" in said
        assert "held" in said
        if held["tier"] != held["tier_by_risk"]:
            assert f"The risk by itself asks for {held['tier_by_risk']}." in said

    def test_the_borders_are_told_in_nats(self, run, analysed, decisions):
        review = decisions.filter(pl.col("rule") == "by_risk", pl.col("tier") == "review")
        said = run("explain", review["account_id"][0], "--in", analysed[0]).stdout
        assert "Down to monitor:" in said
        assert "Up to limit:" in said

    def test_it_says_how_to_object(self, run, analysed, linked):
        assert "To object" in run("explain", linked["account_id"], "--in", analysed[0]).stdout


class TestFinding:
    def test_the_newest_analysis_here_is_the_default(self, run, analysed, linked, tmp_path):
        for name in ("a.analysis", "b.analysis"):
            shutil.copytree(analysed[0], tmp_path / name)
        done = run("explain", linked["account_id"])
        assert done.exit_code == 0
        assert "2 analyses are here; this is b.analysis, the newest." in done.stdout

    def test_no_analysis_here_exits_2(self, run):
        done = run("explain", "A1")
        assert done.exit_code == 2
        assert "no analysis in" in done.stderr

    def test_another_folder_exits_2(self, run):
        done = run("explain", "A1", "--in", FIXTURE)
        assert done.exit_code == 2
        assert "is not an analysis folder" in done.stderr

    def test_an_unknown_account_exits_2_with_near_ids(self, run, analysed, linked):
        wrong = linked["account_id"][:-1]
        done = run("explain", wrong, "--in", analysed[0])
        assert done.exit_code == 2
        assert linked["account_id"] in done.stderr
        assert "Traceback" not in done.stderr

    def test_json_tells_an_unknown_account_too(self, run, analysed):
        for as_json in (("--json",), ("--format", "json"), ("--format=json",)):
            done = run("explain", "nobody", "--in", analysed[0], *as_json)
            assert json.loads(done.stdout)["exit_code"] == done.exit_code == 2

    def test_a_refusal_holds_no_decision(self, run, book):
        (book / "accounts.csv").write_text("nothing\n1\n")
        run("analyze", book)
        done = run("explain", "A1", "--in", "book.analysis.refused")
        assert done.exit_code == 2
        assert "no decision was made" in done.stderr

    def test_an_id_that_moves_the_cursor_is_shown_as_text(self, run, analysed):
        assert "\x1b" not in run("explain", "A\x1b[2J", "--in", analysed[0]).stderr

    @pytest.mark.parametrize("lost", ["evidence.parquet", "reasons.json", "decisions.parquet"])
    def test_an_incomplete_folder_exits_7(self, run, analysed, linked, tmp_path, lost):
        shutil.copytree(analysed[0], tmp_path / "a.analysis")
        (tmp_path / "a.analysis" / lost).unlink()
        done = run("explain", linked["account_id"])
        assert done.exit_code == 7
        assert "incomplete or was altered" in done.stderr

    def test_evidence_that_does_not_make_the_risk_exits_7(self, run, analysed, linked, tmp_path):
        shutil.copytree(analysed[0], tmp_path / "a.analysis")
        evidence = tmp_path / "a.analysis" / "evidence.parquet"
        pl.read_parquet(evidence).filter(pl.col("group") != "linked").write_parquet(evidence)
        assert run("explain", linked["account_id"]).exit_code == 7


def test_no_kernel_is_loaded(analysed, linked):
    program = (
        "import sys; from graphrisk.cli.main import main; "
        f"sys.argv = ['graphrisk', 'explain', {linked['account_id']!r}, '--in', "
        f"{str(analysed[0])!r}]; main(standalone_mode=False); "
        "assert 'numba' not in sys.modules and 'pandas' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)


class TestFormats:
    def test_json_is_a_format_of_its_own(self, run, analysed, linked):
        at = (linked["account_id"], "--in", analysed[0])
        assert (
            run("explain", *at, "--json").stdout == run("explain", *at, "--format", "json").stdout
        )

    @pytest.mark.parametrize("lang", ["en", "zh"])
    @pytest.mark.parametrize("audience", ["analyst", "customer"])
    @pytest.mark.parametrize(
        ("shape", "start"),
        [("text", ""), ("json", "{"), ("md", "# "), ("html", "<!doctype html>"), ("svg", "<svg ")],
    )
    def test_every_one_is_told(self, run, analysed, linked, lang, audience, shape, start):
        done = run(
            "explain", linked["account_id"], "--in", analysed[0],
            "--lang", lang, "--audience", audience, "--format", shape,
        )  # fmt: skip
        assert done.exit_code == 0 and done.stdout.startswith(start)
        assert linked["account_id"] in done.stdout
        assert any("\u4e00" <= char <= "\u9fff" for char in done.stdout) == (lang == "zh")

    def test_the_analyst_reads_the_main_reasons_first(self, run, analysed, linked):
        said = run("explain", linked["account_id"], "--in", analysed[0]).stdout
        n_reasons = len(linked["reason_codes"].split(";"))
        reasons = said.partition("Main reasons\n")[2].partition("\n\n")[0]
        assert [line[2:4] for line in reasons.splitlines()] == [
            f"{n}." for n in range(1, n_reasons + 1)
        ]


class TestCustomer:
    @pytest.mark.parametrize("shape", ["text", "json", "md", "html", "svg"])
    def test_nobody_else_is_named(self, run, analysed, decisions, shape):
        ids = pl.read_parquet(analysed[0] / "entities.parquet")["entity_id"]
        adverse = decisions.filter(pl.col("tier").is_in(["limit", "close"]))["account_id"]
        for account in adverse:
            for lang in ("en", "zh"):
                done = run(
                    "explain", account, "--in", analysed[0], "--audience", "customer",
                    "--lang", lang, "--format", shape,
                )  # fmt: skip
                said = done.stdout.replace(account, "")
                assert [one for one in ids if one != account and one in said] == []
                assert str(analysed[0]) not in said

    def test_where_to_object_comes_from_the_policy(self, run, analysed, linked, tmp_path):
        shutil.copytree(analysed[0], tmp_path / "a.analysis")
        policy = tmp_path / "a.analysis" / "policy.json"
        content = json.loads(policy.read_text(encoding="utf-8"))
        content["notice"] = {"contact": "appeals@lender.example", "response_days": 7}
        policy.write_text(json.dumps(content), encoding="utf-8")
        said = run("explain", linked["account_id"], "--audience", "customer").stdout
        assert "appeals@lender.example" in said and "7 days" in said

    def test_a_folder_without_its_policy_exits_7(self, run, analysed, linked, tmp_path):
        shutil.copytree(analysed[0], tmp_path / "a.analysis")
        (tmp_path / "a.analysis" / "policy.json").unlink()
        assert run("explain", linked["account_id"], "--audience", "customer").exit_code == 7
