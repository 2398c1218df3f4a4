"""The book is an honest exam: nothing that is written about an account gives it away alone."""

import numpy as np
import polars as pl

from graphrisk.demo.book import AS_OF

LARGEST_AUC = 0.75
WEEK_WINDOWS = "14d"


def roc_auc(score: np.ndarray, is_positive: np.ndarray) -> float:
    """Probability that a positive scores above a negative, ties counting half (by mean ranks)."""
    _, inverse, count = np.unique(score, return_inverse=True, return_counts=True)
    mean_rank = np.cumsum(count) - (count - 1) / 2
    n_positive = int(is_positive.sum())
    n_negative = len(score) - n_positive
    rank_sum = mean_rank[inverse][is_positive].sum()
    return float((rank_sum - n_positive * (n_positive + 1) / 2) / (n_positive * n_negative))


def test_roc_auc_counts_ordered_pairs():
    assert roc_auc(np.array([1, 2, 3, 4]), np.array([False, False, True, True])) == 1.0
    assert roc_auc(np.array([1, 1, 1, 1]), np.array([False, True, False, True])) == 0.5
    assert roc_auc(np.array([3, 1, 2]), np.array([False, True, False])) == 0.0


def _identifier_features(book):
    rows = book["identifiers"]
    users = rows.group_by("kind", "value").agg(n_users=pl.col("account_id").n_unique())
    used = rows.join(users, on=["kind", "value"])
    span_days = (pl.col("last_seen_at") - pl.col("first_seen_at")).dt.total_days()
    yield used.group_by("account_id").agg(
        n_identifiers=pl.len(),
        n_shared=(pl.col("n_users") > 1).sum(),
        most_users=pl.col("n_users").max(),
        mean_users=pl.col("n_users").mean(),
        longest_use_days=span_days.max(),
        shortest_use_days=span_days.min(),
        last_seen_at=pl.col("last_seen_at").max(),
        first_seen_at=pl.col("first_seen_at").min(),
        n_from_app=(pl.col("source") == "app").sum(),
    )
    for (kind,), part in used.group_by("kind"):
        yield part.group_by("account_id").agg(
            pl.len().alias(f"n_{kind}"),
            pl.col("n_users").max().alias(f"most_users_{kind}"),
            (pl.col("n_users") > 1).sum().alias(f"n_shared_{kind}"),
            pl.col("n_users").is_between(2, 12).sum().alias(f"n_narrowly_shared_{kind}"),
        )


def _loan_features(book):
    applied = book["applications"]
    outcome = pl.col("outcome")
    yield applied.group_by("account_id").agg(
        n_applications=pl.len(),
        n_lenders=pl.col("lender_id").n_unique(),
        n_approved=(outcome == "approved").sum(),
        n_declined=(outcome == "declined").sum(),
        n_withdrawn=(outcome == "withdrawn").sum(),
        approved_share=(outcome == "approved").mean(),
        applied_minor=pl.col("amount_minor").sum(),
        largest_application_minor=pl.col("amount_minor").max(),
        first_applied_at=pl.col("applied_at").min(),
        last_applied_at=pl.col("applied_at").max(),
    )
    yield (
        applied.sort("applied_at")
        .rolling("applied_at", period=WEEK_WINDOWS, group_by="account_id")
        .agg(n_recent=pl.len())
        .group_by("account_id")
        .agg(most_applications_in_14_days=pl.col("n_recent").max())
    )
    due = book["repayments"].filter(pl.col("due_at") <= AS_OF)
    is_missed = pl.col("paid_at").is_null()
    late_days = (pl.col("paid_at") - pl.col("due_at")).dt.total_seconds() / 86_400
    yield due.group_by("account_id").agg(
        n_due=pl.len(),
        n_missed=is_missed.sum(),
        missed_share=is_missed.mean(),
        n_late=(late_days > 0).sum(),
        worst_late_days=late_days.max(),
        due_minor=pl.col("amount_due_minor").sum(),
        unpaid_minor=(pl.col("amount_due_minor") - pl.col("amount_paid_minor")).sum(),
    )


def _money_features(book):
    transfers = book["transfers"]
    for column, way in (("from_account_id", "sent"), ("to_account_id", "received")):
        yield transfers.group_by(account_id=column).agg(
            pl.len().alias(f"n_{way}"),
            pl.col("amount_minor").sum().alias(f"{way}_minor"),
            pl.col("amount_minor").max().alias(f"largest_{way}_minor"),
            pl.col("at").max().alias(f"last_{way}_at"),
        )
    for column in ("guarantor_id", "borrower_id"):
        yield (
            book["guarantees"]
            .group_by(account_id=column)
            .agg(
                pl.len().alias(f"n_as_{column}"),
                pl.col("amount_minor").sum().alias(f"minor_as_{column}"),
            )
        )
    assessed = book["assessments"]
    yield assessed.group_by("account_id").agg(
        n_assessments=pl.len(), n_assessors=pl.col("source").n_unique()
    )
    for (measure,), part in assessed.group_by("measure"):
        yield part.group_by("account_id").agg(
            pl.col("value").mean().alias(f"mean_{measure}"),
            (pl.col("value").max() / pl.col("value").min()).alias(f"spread_{measure}"),
        )


def _features(book) -> pl.DataFrame:
    """Every column and simple count of an account, as numbers; nothing known counts as zero."""
    accounts = book["accounts"].with_columns(
        account_number=pl.col("account_id").str.slice(1).cast(pl.Int64),
        row=pl.int_range(pl.len()),
        region=pl.col("region").str.slice(1).cast(pl.Int64),
        is_closed=pl.col("status") == "closed",
        is_dormant=pl.col("status") == "dormant",
    )
    features = accounts.drop("status")
    for build in (_identifier_features, _loan_features, _money_features):
        for part in build(book):
            features = features.join(part, on="account_id", how="left", maintain_order="left")
    return features.select("account_id", pl.exclude("account_id").to_physical().fill_null(0))


def test_no_single_column_or_count_finds_the_hidden_bad(book):
    truth = book.truth
    features = _features(book).join(truth, on="account_id")
    # Hidden accounts carry no label at all; the honest are taken with and without good standing.
    for population in (
        pl.col("is_labelled").not_(),
        pl.col("is_labelled").not_() | ~pl.col("is_bad"),
    ):
        rows = features.filter(population)
        is_bad = rows["is_bad"].to_numpy()
        assert is_bad.sum() > 200
        aucs = {}
        for name in features.drop(truth.columns).columns:
            auc = roc_auc(rows[name].cast(pl.Float64).to_numpy(), is_bad)
            aucs[name] = max(auc, 1 - auc)
        worst = dict(sorted(aucs.items(), key=lambda item: -item[1]))
        figures = "\n".join(f"{auc:.3f}  {name}" for name, auc in worst.items())
        assert max(aucs.values()) < LARGEST_AUC, figures


def test_linked_evidence_does_find_some_of_the_hidden_bad(book):
    # The exam can be passed: hidden members of schemes share things with known bad ones.
    truth = book.truth.select("account_id", "is_bad", "is_labelled", "role")
    uses = book["identifiers"].join(truth, on="account_id")
    narrow = uses.filter(pl.len().over("kind", "value") <= 12)
    known = narrow.filter(pl.col("is_bad") & pl.col("is_labelled")).select("kind", "value").unique()
    exposed = narrow.join(known, on=["kind", "value"])["account_id"].unique()
    hidden = truth.filter(pl.col("is_bad") & ~pl.col("is_labelled"))
    honest = truth.filter(~pl.col("is_bad"))
    linked = pl.col("account_id").is_in(exposed.implode())
    assert hidden.filter(pl.col("role") == "device_farm").select(linked.mean()).item() > 0.5
    assert hidden.filter(pl.col("role") == "identity_ring").select(linked.mean()).item() > 0.5
    # Some honest accounts are truly exposed, and being exposed proves nothing.
    assert 0.005 < honest.select(linked.mean()).item() < 0.10


def test_ids_and_row_order_say_nothing(book):
    labels = book["labels"].filter(pl.col("entity_kind") == "account")
    is_good = (labels["label"] == "good_standing").to_numpy()
    assert abs(roc_auc(np.arange(len(is_good)), is_good) - 0.5) < 0.1
    groups = book.truth.drop_nulls("group_id")["group_id"]
    # Members of one group hardly ever stand in neighbouring rows.
    assert (groups == groups.shift(1)).mean() < 0.1
