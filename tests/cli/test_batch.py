"""``graphrisk batch`` as an operator meets it."""

import json

import pytest

from tests.cli.conftest import append

CONFIG = """
book = "small"
[source]
path = "book"
[destination]
folder = "published"
"""


@pytest.fixture
def scheduled(run, book, tmp_path):
    (tmp_path / "batch.toml").write_text(CONFIG)

    def call(command, *arguments):
        return run("batch", command, "--config", "batch.toml", *arguments)

    return call


def test_a_run_says_what_became_of_it(scheduled):
    done = scheduled("run")
    assert done.exit_code == 0
    assert done.stdout.startswith("run 1 (shadow): published; clear ")
    again = scheduled("run")
    assert again.stdout == "run 2: unchanged, the same inputs as run 1\n"


def test_quarantined_rows_exit_3_as_analyze_does(scheduled, book):
    append(book / "labels.csv", "account,A00718700,no_such_label,,,,,own")
    done = scheduled("run", "--json")
    assert done.exit_code == 3
    assert json.loads(done.stdout)["counts"]["rows"]["n_quarantined"] == 1


def test_status_before_and_after(scheduled):
    assert "No run is published yet." in scheduled("status").stdout
    scheduled("run")
    scheduled("halt", "--by", "Ada", "--reason", "drill")
    said = scheduled("status").stdout
    assert "Current: run 1 (shadow): published" in said
    assert "HALTED since" in said
    assert "by Ada: drill" in said
    told = json.loads(scheduled("status", "--json").stdout)
    assert (told["current"]["run_id"], told["halted"], told["halted_by"]) == (1, True, "Ada")
    assert [one["outcome"] for one in told["runs"]] == ["published"]


def test_orders_need_names(scheduled):
    assert scheduled("halt").exit_code == 2
    assert scheduled("resume-actions", "--by", "Ada").exit_code == 2
    done = scheduled("resume-actions", "--by", "Ada", "--and", "ada")
    assert done.exit_code == 2
    assert "two people" in done.stderr


def test_a_halted_book_exits_8_and_says_who(scheduled):
    scheduled("halt", "--by", "Ada")
    done = scheduled("run", "--json")
    assert done.exit_code == 8
    told = json.loads(done.stdout)
    assert told["error"] == "Frozen"
    assert "halted by Ada" in told["found"]


def test_diff_tells_what_flipped(scheduled, book):
    scheduled("run")
    append(
        book / "labels.csv",
        "account,A00245618,fraud_confirmed,,2026-06-29T10:00:00Z,2026-06-29T10:00:00Z,,own",
    )
    scheduled("run")
    told = json.loads(scheduled("diff", "1", "2", "--json").stdout)
    mine = [one for one in told["changes"] if one["account_id"] == "A00245618"]
    assert mine[0]["because"] == "came: label account:A00245618"
    assert "A00245618" in scheduled("diff", "1", "2").stdout
    assert scheduled("diff", "2", "2").stdout.startswith("0 accounts stand elsewhere")


def test_a_fault_in_the_configuration(scheduled, tmp_path):
    (tmp_path / "batch.toml").write_text("book = 1")
    done = scheduled("run")
    assert done.exit_code == 2
    assert "book = 1 is a whole number, expected text" in done.stderr
