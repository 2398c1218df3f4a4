"""What must hold of every decision, whatever the evidence; each check takes who decides."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import strategies as st

from graphrisk.model.kinds import Tier
from oracles.accounts import POLICY, Account, Outcome, Path

FAMILIES = sorted(POLICY.families)
STRENGTH = {name: rule.strength for name, rule in POLICY.families.items()}
NOT_STRONG = [name for name in FAMILIES if STRENGTH[name] != "strong"]
LEAST = POLICY.guards.family_min_nats

NATS = st.sampled_from([0.0, 0.3, 0.5, 0.6, 0.7, 1.2, 2.6, 3.8, 5.2, 9.0]) | st.floats(0.0, 12.0)
PATHS = st.builds(
    Path,
    n_steps=st.integers(1, 5),
    age_days=st.none() | st.sampled_from([1.0, 300.0, 365.0, 400.0]),
    confirmed=st.booleans(),
)


def by_family(families, nats=NATS):
    return st.dictionaries(st.sampled_from(families), nats, max_size=5)


ACCOUNTS = st.builds(
    Account,
    reach=by_family(FAMILIES),
    rank=by_family(FAMILIES),
    behaviour=NATS,
    label=st.sampled_from(["", "", "default", "blacklisted", "fraud_suspected"]),
    good=st.sampled_from([0.0, 0.0, 1.0, 3.0]),
    paths=st.dictionaries(st.sampled_from(FAMILIES), PATHS, max_size=5),
    signal_failed=st.booleans(),
    dated=st.sampled_from([True, True, True, False]),
    things=st.integers(0, 3),
    common=st.sampled_from([0.0, 0.0, 2.0]),
)
#: Accounts that only others, not their own conduct, their label or strong links, speak against.
SLANDERED = st.builds(Account, reach=by_family(NOT_STRONG), rank=by_family(NOT_STRONG))

#: Accounts whose things others claim: one more can be an accident, and own facts are too little.
CLAIMED = st.builds(
    Account,
    reach=by_family(FAMILIES),
    rank=by_family(FAMILIES),
    behaviour=st.sampled_from([0.0, 0.3, LEAST - 1e-9]),
    things=st.integers(0, 1),
)

Decide = Callable[[Account], Outcome]


@st.composite
def more_against(draw) -> tuple[Account, Account]:
    """An account, and the same with more bad evidence of one kind."""
    account = draw(ACCOUNTS)
    kind = draw(st.sampled_from(["reach", "rank", "behaviour"]))
    more = draw(NATS)
    if kind == "behaviour":
        return account, account.but(behaviour=account.behaviour + more)
    family, nats = draw(st.sampled_from(FAMILIES)), getattr(account, kind)
    return account, account.but(**{kind: {**nats, family: nats.get(family, 0.0) + more}})


@st.composite
def more_for(draw) -> tuple[Account, Account]:
    """An account, and the same with more good evidence."""
    account = draw(ACCOUNTS)
    return account, account.but(good=account.good + draw(NATS))


def check_never_above_what_risk_asks_for(decide: Decide, account: Account) -> None:
    outcome = decide(account)
    asked = max(outcome.by_risk, Tier.REVIEW) if account.signal_failed else outcome.by_risk
    assert outcome.tier <= asked


def check_more_against_lowers_no_tier(decide: Decide, case: tuple[Account, Account]) -> None:
    before, after = (decide(account) for account in case)
    assert after.tier >= before.tier


def check_more_for_raises_no_tier(decide: Decide, case: tuple[Account, Account]) -> None:
    before, after = (decide(account) for account in case)
    assert after.tier <= before.tier


def check_slander_never_passes_review(decide: Decide, account: Account) -> None:
    assert decide(account).tier <= Tier.REVIEW


def check_claims_never_pass_review(decide: Decide, account: Account) -> None:
    """What others say is theirs too limits nobody who does not come to it by himself."""
    assert decide(account).tier <= Tier.REVIEW


def check_closing_is_earned(decide: Decide, account: Account) -> None:
    """Two families that speak, near and fresh, one strong, one confirmed; or its own label."""
    if decide(account).tier < Tier.CLOSE:
        return
    heard = {f: n for f, n in account.reach.items() if n >= LEAST and STRENGTH[f] != "one_sided"}
    close = {f: account.paths.get(f, Path()) for f in heard}
    good_enough = {
        family: path
        for family, path in close.items()
        if path.n_steps <= 3 and path.age_days is not None and path.age_days <= 365
    }
    if not account.dated:
        good_enough = {}
    labelled = account.label == "default"
    speaks_itself = labelled or account.label != "" or account.behaviour >= LEAST
    assert len(good_enough) + speaks_itself >= 2
    assert labelled or any(STRENGTH[family] == "strong" for family in good_enough)
    assert labelled or any(path.confirmed for path in good_enough.values())


def check_failure_means_review(decide: Decide, account: Account) -> None:
    assert decide(account.but(signal_failed=True)).tier >= Tier.REVIEW
