"""The emergency plan, drilled: the commands of docs/runbook.md, in order, as they are typed."""

import os
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import neo4j
import pytest

from graphrisk.batch.state import state_of
from graphrisk.errors import ExitCode
from graphrisk.stores.address import PASSWORD_FILE, USER
from tests.batch.conftest import LAX, LIVE, MOST_WAIT_S, Place
from tests.servers import start, stop

TEXT = (Path(__file__).parents[2] / "docs" / "runbook.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", TEXT, re.MULTILINE | re.DOTALL))
PATH = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"


def blocks(title: str) -> list[str]:
    """The commands of a page, block by block."""
    return re.findall(r"^```sh\n(.*?)^```$", SECTIONS[title], re.MULTILINE | re.DOTALL)


def drill(place: Place, block: str, code: int = 0, **environment: str) -> str:
    """Run a block as a shell does; it stops at the first command that fails."""
    done = subprocess.run(
        ["bash", "-eu", "-c", block], cwd=place.home, text=True, capture_output=True,
        env={**os.environ, "PATH": PATH, "COLUMNS": "160", **environment},
        stdin=subprocess.DEVNULL, check=False, timeout=5 * MOST_WAIT_S,
    )  # fmt: skip
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


def run(place: Place, code: int = 0) -> None:
    drill(place, "graphrisk batch run --config batch.toml", code)


def state(place: Place):
    return state_of(place.config, lambda: datetime.now(UTC), 20)


def stands(place: Place) -> dict[str, str]:
    return dict(place.decisions().select("account_id", "tier").iter_rows())


def clear_accounts(place: Place, n: int) -> list[str]:
    return place.decisions().filter(tier="clear")["account_id"].head(n).to_list()


def test_every_page_is_drilled():
    drilled = {"Bad feed", "Poisoned seed", "Mass closure", "Lost store", "Leaked key"}
    assert set(SECTIONS) == drilled
    first = TEXT.split("## ")[0]
    assert "graphrisk batch halt" in first


def test_bad_feed(live):
    run(live)
    good = stands(live)
    shutil.copytree(live.home / "feed", live.home / "feed.good")
    header, *rows = live.table("labels")
    live.write("labels", [header, *rows[::4]])
    run(live)
    assert stands(live) != good
    away, back = blocks("Bad feed")
    drill(live, away)
    assert (stands(live), bool(state(live).halt)) == (good, True)
    drill(live, back)
    assert (stands(live), state(live).halt) == (good, {})
    assert state(live).runs[0].outcome == "unchanged"


def test_poisoned_seed(live):
    run(live)
    good = stands(live)
    header, *rows = live.table("labels")
    victims = clear_accounts(live, 6)
    live.label(*victims)
    rows = live.table("labels")[1 + len(rows) :]
    place = header.index("source")
    planted = [[*row[:place], "planted_desk", *row[place + 1 :]] for row in rows]
    live.write("labels", [*live.table("labels")[: -len(planted)], *planted])
    run(live)
    assert all(stands(live)[one] != "clear" for one in victims)
    away, back = blocks("Poisoned seed")
    told = drill(live, away)
    assert f"came: label account:{victims[0]}" in told  # the fact that flipped it
    assert stands(live) == good
    drill(live, back)
    assert (stands(live), state(live).halt) == (good, {})


def test_mass_closure(live):
    labels = live.table("labels")
    live.write("labels", [labels[0], *labels[1::6]])
    run(live)
    good = stands(live)
    policy = live.home / "policy.toml"
    policy.write_text(f"[batch]{LIVE}[breaker]\nmax_closures = 0\nmax_closed_share = 0.0\n")
    live.write("labels", labels)
    run(live, ExitCode.BREAKER)
    assert stands(live) == good
    look, release = blocks("Mass closure")
    told = drill(live, look)
    assert "frozen" in told
    assert stands(live) == good
    drill(live, release)
    assert state(live).current.run_id == 2
    assert stands(live) != good


def test_lost_destination(live):
    run(live)
    good, acted = stands(live), live.actions()
    shutil.rmtree(live.published)
    drill(live, blocks("Lost store")[0])
    assert (stands(live), live.actions()) == (good, acted)


def test_lost_ledger(live):
    _, keep, restore = blocks("Lost store")
    run(live)
    drill(live, keep)
    live.label(*clear_accounts(live, 6))
    run(live)
    good, acted, name = stands(live), live.actions(), live.current.resolve().name
    shutil.rmtree(live.home / "state")
    shutil.rmtree(live.published)
    drill(live, restore)
    assert live.current.resolve().name == name
    assert (stands(live), live.actions()) == (good, acted)


@pytest.mark.xdist_group("neo4j")
def test_leaked_key(new_place, tmp_path, monkeypatch):
    server = start(tmp_path / "neo4j", "--heap", "512m")
    try:
        live = new_place(f"[batch]{LIVE}{LAX}", f'store = "{server.uri}"\n')
        leaked = server.password
        monkeypatch.setenv(USER, server.user)
        monkeypatch.setenv(PASSWORD_FILE, str(server.password_file))
        run(live)
        change, refill = blocks("Leaked key")
        drill(live, change, STORE=server.uri)
        assert server.password != leaked
        assert server.password_file.stat().st_mode & 0o077 == 0
        opened = neo4j.GraphDatabase.driver(server.uri, auth=(server.user, leaked))
        with opened as driver, pytest.raises(neo4j.exceptions.AuthError):
            driver.verify_connectivity()
        drill(live, refill, STORE=server.uri)
        assert state(live).runs[0].outcome == "unchanged"
        with neo4j.GraphDatabase.driver(server.uri, auth=server.auth) as driver:
            found = driver.execute_query(
                "MATCH (c:CurrentRun) MATCH (d:Decision {run_id: c.run_id}) RETURN count(d) AS n"
            )
        assert found.records[0]["n"] == len(stands(live))
    finally:
        stop(server)
