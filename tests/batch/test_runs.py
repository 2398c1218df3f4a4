"""A run is published whole and once; the same inputs again decide nothing."""

import json
from datetime import timedelta

import polars as pl
import pytest

from graphrisk.batch.archive import content_hash
from graphrisk.batch.guarded import in_canary
from graphrisk.demo.roster import AS_OF
from graphrisk.errors import InputRefused, PolicyError
from tests.batch.conftest import LAX, LIVE


def test_readers_find_a_whole_run(live):
    done = live.run()
    record = json.loads((live.current / "run.json").read_text(encoding="utf-8"))
    assert live.current.resolve().name == done.name == record["run"]
    assert content_hash(live.decisions()) == done.decisions_hash == record["decisions_hash"]
    assert len(live.actions()) == record["n_actions"] > 20
    assert pl.read_csv(live.current / "decisions.csv").height == record["n_accounts"]
    analysed = pl.read_parquet(live.current / "analysis" / "decisions.parquet")
    assert analysed["account_id"].equals(live.decisions()["account_id"])


def test_the_same_inputs_again_make_no_new_decision(live):
    first = live.run()
    before = sorted(live.published.rglob("*"))
    live.clock.move(days=1)
    again = live.run()
    assert (first.outcome, again.outcome) == ("published", "unchanged")
    assert again.decisions_hash == first.decisions_hash
    assert sorted(live.published.rglob("*")) == before
    assert again.base_run == first.run_id


def test_another_ledger_finds_the_same_hash(new_place):
    one, other = (new_place(f"[batch]{LIVE}{LAX}", name=name) for name in ("one", "other"))
    other.clock.move(minutes=7)
    assert one.run().decisions_hash == other.run().decisions_hash


def test_only_what_changes_is_acted_on(live):
    live.run()
    stood = dict(live.decisions().select("account_id", "tier").iter_rows())
    clear = next(account_id for account_id, tier in stood.items() if tier == "clear")
    live.label(clear)
    done = live.run()
    now = dict(live.decisions().select("account_id", "tier").iter_rows())
    changed = {account_id for account_id in now if now[account_id] != stood[account_id]}
    assert clear in changed
    assert {action["account_id"] for action in live.actions()} == changed
    assert done.counts["n_rose"] + done.counts["n_fell"] == len(changed)
    for action in live.actions():
        account_id = action["account_id"]
        assert (action["was"], action["action"]) == (stood[account_id], now[account_id])


def test_shadow_is_the_default_and_acts_on_nobody(place):
    done = place.run()
    assert (done.mode, done.outcome, place.actions()) == ("shadow", "published", [])
    assert {"limit", "close"} <= set(place.decisions()["tier"])


def test_canary_acts_on_the_same_few_accounts_always(new_place):
    rule = LIVE.replace("live", "canary")
    few = new_place(f"[batch]{rule}canary_share = 0.2{LAX}", name="few")
    some = new_place(f"[batch]{rule}canary_share = 0.5{LAX}", name="some")
    for one in (few, some):
        one.run()
    acted = [{action["account_id"] for action in one.actions()} for one in (few, some)]
    above = set(some.decisions().filter(pl.col("tier") != "clear")["account_id"])
    assert acted[0] < acted[1] < above
    assert acted[0] == {account_id for account_id in above if in_canary(account_id, 0.2)}


def test_leaving_shadow_needs_days_in_shadow(place):
    place.run()
    early = LIVE.replace("shadow_min_days = 0", "shadow_min_days = 14")
    place.configure(f"[batch]{early}{LAX}")
    place.clock.move(days=13)
    with pytest.raises(PolicyError, match="14 days in shadow first"):
        place.run()
    place.clock.move(days=2)
    assert place.run().outcome == "published"
    assert place.actions()


def test_a_stale_feed_lets_no_adverse_action_happen(new_place):
    more = "[source.max_age_hours]\nlabels = 24\n"
    stale = new_place(f"[batch]{LIVE}{LAX}")
    stale.configure(f"[batch]{LIVE}{LAX}")
    text = (stale.home / "batch.toml").read_text(encoding="utf-8")
    (stale.home / "batch.toml").write_text(text + more, encoding="utf-8")
    stale.clock.move(days=30)
    done = stale.run()
    assert done.counts["stale"][0].startswith("labels: newest fact ")
    assert not {"limit", "close"} & {action["action"] for action in stale.actions()}
    held = stale.decisions().filter(pl.col("guard") == "held_stale_source")
    assert set(held["tier"]) == {"review"}
    assert set(held["tier_analysed"]) == {"limit", "close"}


def test_a_feed_without_a_dated_fact_is_stale(new_place):
    place = new_place(more="")
    text = (place.home / "batch.toml").read_text(encoding="utf-8")
    limit = '[source.max_age_hours]\n"labels:nobody" = 24\n'
    (place.home / "batch.toml").write_text(text + limit, encoding="utf-8")
    assert place.run().counts["stale"] == ["labels:nobody: no dated fact"]


def test_protected_states_never_stand_above_review(live):
    live.run()
    closed = live.decisions().filter(pl.col("tier") == "close")["account_id"].to_list()
    limited = live.decisions().filter(pl.col("tier") == "limit")["account_id"].to_list()
    live.set_status(set(closed[:1]), "Deceased")
    live.set_status(set(limited[:1]), " Victim of fraud")
    live.set_status(set(limited[1:2]), "")
    live.run()
    rows = {row["account_id"]: row for row in live.decisions().to_dicts()}
    for account_id, guard in (
        (closed[0], "held_protected_status"),
        (limited[0], "held_protected_status"),
        (limited[1], "held_unknown_status"),
    ):
        assert (rows[account_id]["tier"], rows[account_id]["guard"]) == ("review", guard)
    assert {a["account_id"]: a["action"] for a in live.actions()}[closed[0]] == "review"


def test_a_backfill_is_kept_and_neither_current_nor_acted_on(live):
    first = live.run()
    current = live.current.resolve()
    sent = live.actions()
    done = live.run(as_of=AS_OF - timedelta(days=30))
    assert (done.outcome, done.kind) == ("backfilled", "backfill")
    assert live.current.resolve() == current
    assert live.actions() == sent
    kept = pl.read_parquet(live.published / "runs" / done.name / "decisions.parquet")
    assert content_hash(kept) == done.decisions_hash != first.decisions_hash
    assert not (live.published / "runs" / done.name / "actions").exists()
    again = live.run(as_of=AS_OF - timedelta(days=30))
    assert (again.outcome, again.base_run) == ("unchanged", done.run_id)
    assert live.run().outcome == "unchanged"


def test_inputs_that_change_while_read_are_refused(live):
    def meddle(step):
        if step == "started":
            live.label("A1")

    with pytest.raises(InputRefused, match=r"labels.csv changed while being read"):
        live.run(reached=meddle)
    assert not live.current.exists()
    assert live.run().outcome == "published"


def test_a_refused_feed_leaves_the_last_run_current(live):
    live.run()
    current = live.current.resolve()
    live.write("accounts", [["nothing"], ["here"]])
    with pytest.raises(InputRefused):
        live.run()
    assert live.current.resolve() == current


def test_new_inputs_supersede_a_run_that_was_interrupted(live):
    live.run()
    live.change()
    stopped = live.run(stopping=lambda: True)
    assert stopped.outcome == ""
    live.change()
    done = live.run()
    assert done.run_id > stopped.run_id
    assert (done.outcome, done.base_run) == ("published", 1)


def test_old_runs_are_forgotten_and_the_current_ones_never(new_place):
    place = new_place(f"[batch]{LIVE}{LAX}", "keep_runs = 2\n")
    for _ in range(4):
        place.run()
        place.change()
    kept = sorted(path.name[:6] for path in (place.published / "runs").iterdir())
    assert kept == ["000003", "000004"]
    assert sorted(p.name[:6] for p in (place.home / "state" / "runs").iterdir()) == kept
    assert place.decisions().height > 0
