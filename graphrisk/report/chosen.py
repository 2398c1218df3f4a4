"""Accounts chosen out of an analysis, explained with its own words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from graphrisk.explain.account import PRIOR, Explanation, Wording, explain_account
from graphrisk.model.decision import Rule
from graphrisk.model.evidence import Reason
from graphrisk.model.kinds import Tier
from graphrisk.model.policy import Policy
from graphrisk.pipeline import Analysis
from graphrisk.signals.record import LABEL


def wording_of(analysis: Analysis) -> Wording:
    """Gather the words and thresholds that explain an analysis."""
    return wording_with(analysis.reasons, analysis.policy)


def wording_with(reasons: Mapping[str, Reason], policy: Policy) -> Wording:
    """Gather the words for some reasons, and the thresholds of a policy."""
    prior = {PRIOR: "the risk of an account about which nothing is known"}
    codes = {code: reason.text for code, reason in reasons.items()}
    ladder = zip(list(Tier)[1:], policy.tiers.ladder(), strict=True)
    return Wording(
        reasons=prior | codes,
        rules={rule.word: rule.text for rule in Rule},
        tier_probs={tier.word: prob for tier, prob in ladder},
    )


def noteworthy(analysis: Analysis, n_accounts: int) -> list[str]:
    """Return accounts above clear: those without a label of their own first, by risk."""
    above = analysis.decisions.filter(pl.col("tier") != Tier.CLEAR.word)
    own = _labelled(analysis).select("account_id").unique().with_columns(labelled=True)
    ordered = above.join(own, on="account_id", how="left", maintain_order="left").sort(
        pl.col("labelled").fill_null(False), "risk_prob", "account_id",
        descending=[False, True, False],
    )  # fmt: skip
    return ordered.head(n_accounts)["account_id"].to_list()


def example(analysis: Analysis) -> str:
    """Return the account that shows most of what links bring.

    It is the one with the highest tier, and then the highest risk, among those above clear that
    carry no label of their own; failing that, the one with the highest risk.
    """
    unlabelled = analysis.decisions.filter(pl.col("tier") != Tier.CLEAR.word).join(
        _labelled(analysis), on="account_id", how="anti"
    )
    if unlabelled.is_empty():
        return str(_by_risk(analysis.decisions)["account_id"][0])
    rank = pl.col("tier").replace_strict({t.word: int(t) for t in Tier}, return_dtype=pl.Int8)
    return str(
        _by_risk(unlabelled).sort(rank, descending=True, maintain_order=True)["account_id"][0]
    )


def explained(analysis: Analysis, wording: Wording, ids: Sequence[str]) -> list[Explanation]:
    """Explain a few accounts, in the order given."""
    places = analysis.decisions["account_id"].search_sorted(pl.Series(ids, dtype=pl.String))
    return [
        explain_account(
            analysis.decisions.row(place, named=True),
            analysis.waterfall.of_account(place).to_dicts(),
            wording,
        )
        for place in places.to_list()
    ]


def _labelled(analysis: Analysis) -> pl.DataFrame:
    by_label = pl.col("reason_code").str.starts_with(LABEL)
    parts = analysis.waterfall.parts(("account_id", "reason_code"))
    return pl.concat([part.filter(by_label) for part in parts])


def _by_risk(decisions: pl.DataFrame) -> pl.DataFrame:
    return decisions.sort("risk_prob", "account_id", descending=[True, False])
