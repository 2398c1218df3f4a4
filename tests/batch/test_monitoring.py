"""What a run says of itself: its report, its metrics, its log; none of it names anybody."""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest
from prometheus_client.parser import text_string_to_metric_families

from graphrisk.batch import orders
from graphrisk.batch.journal import masked
from graphrisk.batch.watch import drift, feeds_watched, tier_flow
from graphrisk.demo.roster import AS_OF
from graphrisk.errors import Frozen, InputRefused, StorageUnavailable
from tests.batch.conftest import LAX, LIVE, MOST_WAIT_S
from tests.stores.places import dataset_of, table

SCRIPT = Path(sys.executable).with_name("graphrisk")
WIDE = {**os.environ, "COLUMNS": "120"}
MONITORED = '[monitoring]\nmetrics_file = "metrics/book.prom"\nlog_file = "batch.log"\n'


@pytest.fixture
def watched(new_place):
    """A live book that writes metrics and a log."""
    return new_place(f"[batch]{LIVE}{LAX}", MONITORED)


def values(text):
    return {
        (sample.name.removeprefix("graphrisk_batch_"), *list(sample.labels.values())[1:]): (
            sample.value
        )
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def metrics(place):
    return values((place.home / "metrics" / "book.prom").read_text(encoding="utf-8"))


def log(place):
    text = (place.home / "batch.log").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def test_metrics_say_what_the_ledger_says(watched):
    watched.run()
    watched.change()
    done = watched.run()
    found = metrics(watched)
    for tier, n_accounts in done.counts["tiers"].items():
        assert found["accounts", tier] == n_accounts
    assert found["actions", "sent"] == done.counts["n_actions"] > 0
    assert found["runs_total", "published"] == 2
    assert found["last_run", "published"] == 1
    assert found["last_success_timestamp_seconds",] == watched.clock.at.timestamp()
    assert (found["halted",], found["running",]) == (0, 0)


def test_metrics_are_written_however_a_run_ends(new_place):
    strict = new_place(
        f"[batch]{LIVE}[breaker]\nmax_closures = 0\nmax_closed_share = 0.0\n", MONITORED
    )
    with pytest.raises(Frozen):
        strict.run()
    assert metrics(strict)["last_run", "frozen"] == 1
    orders.halt(strict.config, strict.clock, "Ada Lovelace", "stop")
    assert metrics(strict)["halted",] == 1
    assert [line["event"] for line in log(strict)][-2:] == ["error", "order"]


def test_the_endpoint_reads_the_ledger_at_each_scrape(watched):
    watched.run()
    command = [SCRIPT, "batch", "metrics", "--config", watched.home / "batch.toml"]
    with subprocess.Popen(
        [*command, "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE, text=True
    ) as server:
        try:
            url = server.stdout.readline().split()[-1]
            assert url.startswith("http://127.0.0.1:")
            for halted in (0, 1):
                with urllib.request.urlopen(url, timeout=MOST_WAIT_S) as answer:
                    assert answer.headers["Content-Type"].startswith("text/plain")
                    assert values(answer.read().decode())["halted",] == halted
                orders.halt(watched.config, watched.clock, "Ada Lovelace", "stop")
            server.send_signal(signal.SIGTERM)
            assert server.wait(timeout=MOST_WAIT_S) == 0
        finally:
            server.kill()


def test_the_log_tells_stages_runs_errors_and_orders(watched):
    done = watched.run()
    told = log(watched)
    assert [line["stage"] for line in told if line["event"] == "stage"] == [
        "started", "analysed", "guarded", "prepared", "delivered", "flipped",
    ]  # fmt: skip
    (run,) = [line for line in told if line["event"] == "run"]
    assert (run["run"], run["outcome"], run["decisions_hash"]) == (
        done.name, "published", done.decisions_hash,
    )  # fmt: skip
    orders.halt(watched.config, watched.clock, "Ada Lovelace", "wrong label on A15798836")
    watched.change()
    with pytest.raises(Frozen):
        watched.run()
    order, *_, error = log(watched)[len(told) :]
    assert (order["what"], order["who"]) == ("halt", "Ada Lovelace")
    assert order["reason"] == "wrong label on A1****36"
    assert (error["error"], error["exit_code"]) == ("Frozen", 8)


def test_no_id_of_the_book_is_in_log_metrics_or_report(watched):
    watched.run()
    header, *rows = watched.table("accounts")
    ids = {row[header.index("account_id")] for row in rows}
    header, *rows = watched.table("identifiers")
    ids |= {row[header.index("value")] for row in rows}
    watched.write("accounts", [["account_id", "opened_at"], [min(ids), "no time"]] * 3)
    with pytest.raises(InputRefused):
        watched.run()
    written = (watched.home / "batch.log").read_text(encoding="utf-8")
    written += (watched.home / "metrics" / "book.prom").read_text(encoding="utf-8")
    written += (watched.current / "run.json").read_text(encoding="utf-8")
    assert '"event": "error"' in written
    assert len(ids) > 1_000
    assert not [one for one in ids if one in written]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("account A15798836, twice", "account A1****36, twice"),
        ("+8613900001234 called", "+8****34 called"),
        ("write to ada@example.org.", "write to ad****rg."),
        ("000012-3fa9c1d2 at 2026-06-30T12:00:00Z", "000012-3fa9c1d2 at 2026-06-30T12:00:00Z"),
        ("newest fact 30.0 hours old", "newest fact 30.0 hours old"),
    ],
)  # fmt: skip
def test_what_looks_like_an_id_is_masked(text, shown):
    assert masked(text) == shown


def test_a_log_that_cannot_be_written_is_told_and_hides_no_graver_error(new_place):
    place = new_place(f"[batch]{LIVE}{LAX}", '[monitoring]\nlog_file = "feed/accounts.csv/log"\n')
    with pytest.raises(StorageUnavailable, match="log can't be written"):
        place.run()
    orders_named = pytest.raises(StorageUnavailable, match="log can't be written")
    with orders_named:
        orders.halt(place.config, place.clock, "Ada Lovelace", "stop")
    (place.home / "batch.toml").write_text(
        (place.home / "batch.toml")
        .read_text()
        .replace("[monitoring]", "[schedule]")
        .replace('log_file = "feed/accounts.csv/log"', "")
    )
    with pytest.raises(Frozen, match="halted by Ada Lovelace"):  # it holds all the same
        place.run()


def test_the_report_counts_where_accounts_went(live):
    live.run()
    before = live.decisions()
    live.label(*before.filter(tier="clear")["account_id"].head(5))
    done = live.run()
    flow = done.counts["tier_flow"]
    stood = dict(before.group_by("tier").len().iter_rows())
    assert {tier: sum(row.values()) for tier, row in flow.items()} == stood
    moved = sum(n for was, row in flow.items() for now, n in row.items() if was != now)
    assert moved == done.counts["n_rose"] + done.counts["n_fell"]
    assert json.loads((live.current / "run.json").read_text())["tier_flow"] == flow


def test_accounts_come_and_go():
    before = pl.DataFrame({"account_id": ["a", "b"], "tier": ["clear", "close"]})
    now = pl.DataFrame({"account_id": ["b", "c"], "tier": ["limit", "clear"]})
    assert tier_flow(before, now) == {
        "clear": {"gone": 1}, "close": {"limit": 1}, "new": {"clear": 1},
    }  # fmt: skip
    assert tier_flow(None, now) == {}


def test_drift_is_seen_where_it_is(live):
    assert live.run().counts["risk_psi"] is None
    live.label(live.table("accounts")[1][0], label="good_standing")
    quiet = live.run().counts
    assert quiet["risk_psi"] < 0.1
    live.label(*live.decisions().filter(tier="clear")["account_id"].head(80))
    loud = live.run().counts
    assert loud["risk_psi"] > 0.25
    assert loud["signal_psi"]["LABEL_FRAUD_CONFIRMED"] > 0.25
    assert loud["signal_psi"]["GUARANTEE_CIRCLE"] < 0.01


def test_nothing_drifts_from_itself(live):
    live.run()
    analysis = live.current / "analysis"
    mine = (
        pl.read_parquet(analysis / "decisions.parquet"),
        pl.scan_parquet(analysis / "evidence.parquet"),
    )
    found = drift(mine, mine)
    assert {found["risk_psi"], *found["signal_psi"].values()} == {0.0}


def test_label_delay_age_and_quarantine():
    def label(n, days_before, delay_days):
        known = AS_OF - timedelta(days=days_before)
        return {
            "entity_kind": "account", "entity_id": f"A{n}", "label": "default",
            "event_at": known - timedelta(days=delay_days), "known_at": known,
        }  # fmt: skip

    labels = [label(n, 1, delay) for n, delay in enumerate((0, 2, 4, 6, 8))]
    old = [label(9, 40, 900)]  # became known before the days that are looked at
    found = feeds_watched(dataset_of({"labels": table("labels", labels + old)}), AS_OF)
    assert found["label_delay_days"] == {"0.5": 4.0, "0.9": 7.2}
    assert found["data_age_hours"] == {"labels": 24.0}
    assert found["quarantined_share"] == 0.0
    nothing = feeds_watched(dataset_of({"labels": table("labels", old)}), AS_OF)
    assert nothing["label_delay_days"] == {}


def test_the_report_on_the_command_line(live):
    live.run()
    live.change()
    live.run()
    command = [SCRIPT, "batch", "report", "current", "--config", live.home / "batch.toml"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=WIDE)
    for words in (
        "Rows in quarantine: 0.00%",
        "Moved since the run before",
        "From event to label",
        "close",
    ):
        assert words in done.stdout
    told = subprocess.run([*command, "--json"], capture_output=True, text=True, check=True)
    assert json.loads(told.stdout)["counts"]["risk_psi"] >= 0
