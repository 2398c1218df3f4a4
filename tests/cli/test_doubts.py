"""``graphrisk explain --what-if`` and ``--compare``, on the sample."""

import json
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from graphrisk.cli.main import main

FIXTURE = Path(__file__).parents[2] / "fixtures" / "demo_small"


def run(*words: object) -> tuple[int, str]:
    result = CliRunner().invoke(main, [str(word) for word in words])
    return result.exit_code, result.output


@pytest.fixture(scope="module")
def earlier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "earlier.analysis"
    assert run("analyze", FIXTURE, "--out", folder)[0] == 0
    return folder


@pytest.fixture(scope="module")
def limited(earlier: Path) -> str:
    """An account that stands at limit through links and behaviour, without a label of its own."""
    rows = pl.read_parquet(earlier / "decisions.parquet").filter(pl.col("tier") == "limit")
    unlabelled = rows.filter(~pl.col("reason_codes").str.contains("LABEL_"))
    return str(unlabelled["account_id"][0])


@pytest.fixture(scope="module")
def later(earlier: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same book with one clear account reported as fraud."""
    book = tmp_path_factory.mktemp("book")
    for file in FIXTURE.glob("*.csv"):
        (book / file.name).write_bytes(file.read_bytes())
    labels = pl.read_csv(book / "labels.csv", infer_schema=False)
    reported = pl.DataFrame(
        {
            "entity_kind": ["account"],
            "entity_id": [clear_account(earlier)],
            "label": ["fraud_confirmed"],
            "known_at": ["2026-06-20T00:00:00Z"],
        }
    )
    pl.concat([labels, reported], how="diagonal").write_csv(book / "labels.csv")
    folder = book.parent / "later.analysis"
    assert run("analyze", book, "--out", folder)[0] == 0
    return folder


def clear_account(folder: Path) -> str:
    rows = pl.read_parquet(folder / "decisions.parquet").filter(pl.col("tier") == "clear")
    return str(rows.sort("risk_prob", "account_id")["account_id"][0])


def test_the_smallest_change_lowers_the_tier(earlier: Path, limited: str) -> None:
    code, out = run("explain", limited, "--in", earlier, "--what-if", "smallest", "--json")
    told = json.loads(out)
    assert code == 0 and told["without"]
    assert told["now"]["tier"] == "limit" and told["then"]["tier"] in ("clear", "monitor", "review")


def test_the_facts_it_names_can_be_asked_for_one_by_one(earlier: Path, limited: str) -> None:
    _, out = run("explain", limited, "--in", earlier, "--what-if", "smallest", "--json")
    told = json.loads(out)
    words = [word for fact in told["without"] for word in ("--what-if", fact)]
    code, out = run("explain", limited, "--in", earlier, *words)
    assert code == 0
    assert f"Then: {told['then']['tier']}" in out and "now: limit" in out


def test_a_fact_that_is_not_there_is_a_usage_error(earlier: Path, limited: str) -> None:
    code, out = run("explain", limited, "--in", earlier, "--what-if", "label account:NOBODY")
    assert code == 2 and "NOBODY" in out and "smallest" in out


def test_compare_names_the_label_that_flipped_it(earlier: Path, later: Path) -> None:
    account = clear_account(earlier)
    code, out = run("explain", account, "--compare", earlier, later)
    assert code == 0
    assert out.splitlines()[-1] == f"What changed the tier: label account:{account}"
    _, out = run("explain", account, "--compare", earlier, later, "--json")
    assert json.loads(out)["because"] == [f"label account:{account}"]


def test_a_customer_is_not_told_of_doubts(earlier: Path, limited: str) -> None:
    words = ("explain", limited, "--in", earlier, "--audience", "customer")
    assert run(*words, "--what-if", "smallest")[0] == 2
