"""What became of reviews and appeals comes back as labels that say where they come from."""

import polars as pl
import pytest

from graphrisk import analyze, read_dataset
from graphrisk.errors import InputRefused

DEVICE = {"kind": "device", "value": "D1", "first_seen_at": "2026-01-01"}


def book(outcomes, labels=()):
    """Two accounts on one device, maybe labelled, and what became of reviews."""
    tables = {
        "accounts": pl.DataFrame({"account_id": ["A", "B"], "opened_at": ["2026-01-01"] * 2}),
        "identifiers": pl.DataFrame([{"account_id": account, **DEVICE} for account in "AB"]),
        "outcomes": pl.DataFrame(
            outcomes, schema=["account_id", "outcome", "decided_at", "source"], orient="row"
        ),
    }
    if labels:
        columns = ["entity_kind", "entity_id", "label", "known_at", "source"]
        tables["labels"] = pl.DataFrame(labels, schema=columns, orient="row")
    return read_dataset(tables)


def risk_of(dataset):
    decisions = analyze(dataset, n_threads=1).decisions
    return dict(zip(decisions["account_id"], decisions["risk_prob"], strict=True))


def test_an_outcome_is_a_label_with_its_date_and_source():
    dataset = book([("A", "confirmed", "2026-03-01", "review 17")])
    (row,) = dataset.tables["labels"].to_dicts()
    assert (row["entity_kind"], row["entity_id"], row["label"]) == ("account", "A", "bad")
    assert row["source"] == "review 17"
    assert f"{row['known_at']:%Y-%m-%d}" == "2026-03-01"


@pytest.mark.parametrize(
    ("outcome", "label"),
    [
        ("cleared", "good_standing"),
        ("reinstated", "good_standing"),
        ("default", "default"),
        (" Confirmed ", "bad"),
        ("DEFAULT", "default"),
    ],
)
def test_words_of_reviews_and_words_of_labels_are_both_read(outcome, label):
    dataset = book([("A", outcome, "2026-03-01", "desk")])
    assert dataset.tables["labels"]["label"].to_list() == [label]


def test_an_outcome_counts_beside_labels_and_names_its_source_in_the_evidence():
    dataset = book([("A", "confirmed", "2026-03-01", "review 17")])
    found = analyze(dataset, n_threads=1).evidence
    own = found.filter(pl.col("account_id") == "A", pl.col("reason_code").str.starts_with("LABEL"))
    assert "review 17" in "".join(own["source"].to_list())
    assert risk_of(dataset)["B"] > risk_of(book([]))["B"]


def test_an_appeal_that_was_won_undoes_an_earlier_label():
    label = [("account", "A", "fraud_confirmed", "2026-02-01", "bureau")]
    won = book([("A", "reinstated", "2026-03-01", "appeal 4")], label)
    assert risk_of(won)["A"] < risk_of(book([]))["A"] < risk_of(book([], label))["A"]


def test_an_outcome_decided_later_is_not_known_before():
    dataset = book([("A", "confirmed", "2026-03-01", "review 17")])
    before = analyze(dataset, as_of=dataset.tables["accounts"]["opened_at"][0], n_threads=1)
    assert before.decisions["risk_prob"].max() < 0.5


def test_an_outcome_that_is_no_word_of_either_is_set_aside():
    dataset = book([("A", "pending", "2026-03-01", "desk")])
    assert dataset.quarantine["code"].to_list() == ["not_in_vocabulary"]
    assert dataset.tables["labels"].is_empty()


def test_outcomes_that_do_not_say_who_decided_are_refused():
    rows = pl.DataFrame({"account_id": ["A"], "outcome": ["cleared"], "decided_at": ["2026-03-01"]})
    with pytest.raises(InputRefused, match="source"):
        read_dataset({"accounts": rows.select("account_id"), "outcomes": rows})


def test_a_translation_as_it_is_written_comes_before_one_in_another_case(tmp_path):
    (tmp_path / "accounts.csv").write_text("account_id\nA\nB\nC\n")
    (tmp_path / "seen.csv").write_text("account_id,state\nA,x\nB,X\nC,Good\n")
    mapping = tmp_path / "mapping.toml"
    mapping.write_text(
        '[[table]]\nfile = "accounts"\ninto = "accounts"\n'
        '[[table]]\nfile = "seen"\ninto = "labels"\n'
        'columns = {entity_id = "account_id", label = "state"}\n'
        'constants = {entity_kind = "account"}\n'
        'values = {label = {x = "bad", X = "good", GOOD = "default"}}\n'
    )
    labels = read_dataset(tmp_path, mapping=mapping).tables["labels"]
    assert labels.sort("entity_id")["label"].to_list() == ["bad", "good", "default"]
