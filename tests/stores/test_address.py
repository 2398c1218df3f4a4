"""Which URLs are stores, and where names and passwords come from."""

import pytest

from graphrisk.errors import Locked, UsageError
from graphrisk.stores.address import Credentials, address_of, credentials_from
from graphrisk.stores.opening import open_store

SECRET = "correct-horse"


@pytest.mark.parametrize("scheme", ["neo4j", "neo4j+s", "neo4j+ssc", "bolt", "bolt+s", "bolt+ssc"])
def test_a_server_by_each_scheme(scheme):
    found = address_of(f"{scheme}://graph.example:7687/", "book")
    assert (found.url, found.database) == (f"{scheme}://graph.example:7687", "book")
    assert address_of(f"{scheme}://[::1]").url == f"{scheme}://[::1]"


def test_a_folder(tmp_path):
    assert address_of(f"embedded:{tmp_path}").folder == tmp_path


@pytest.mark.parametrize(
    "url",
    ["", "book", "http://x", "neo4j:", "neo4j://", "bolt://x:port", "bolt://x:99999", "embedded:",
     f"neo4j://u:{SECRET}@x", f"bolt://x?password={SECRET}", "neo4j://x/book", "bolt://x#y"],
)  # fmt: skip
def test_what_is_no_store_is_refused_without_repeating_it(url):
    with pytest.raises(UsageError) as refused:
        address_of(url)
    assert SECRET not in f"{refused.value!r} {refused.value.__cause__!r}"


def test_credentials_from_the_environment_and_from_a_file(tmp_path):
    file = tmp_path / "password"
    file.write_text(f"{SECRET}\n", encoding="utf-8")
    assert credentials_from({}) == Credentials("neo4j", "")
    assert credentials_from({}).pair is None
    named = {"GRAPHRISK_NEO4J_USER": "risk", "GRAPHRISK_NEO4J_PASSWORD": "other"}
    assert credentials_from(named).pair == ("risk", "other")
    from_file = credentials_from({**named, "GRAPHRISK_NEO4J_PASSWORD_FILE": str(file)})
    assert from_file.pair == ("risk", SECRET)
    assert SECRET not in repr(from_file)


def test_a_password_file_that_is_not_there(tmp_path):
    with pytest.raises(UsageError, match="can't be read"):
        credentials_from({"GRAPHRISK_NEO4J_PASSWORD_FILE": str(tmp_path / "none")})


def test_one_at_a_time_in_a_folder(tmp_path):
    with open_store(f"embedded:{tmp_path / 'store'}"), pytest.raises(Locked):
        open_store(f"embedded:{tmp_path / 'store'}")
    open_store(f"embedded:{tmp_path / 'store'}").close()


def test_two_folders_at_the_same_time(tmp_path):
    with open_store(f"embedded:{tmp_path / 'a'}") as one, open_store(f"embedded:{tmp_path / 'b'}"):
        assert one.view().current_run() is None


def test_a_folder_with_something_else_is_left_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="holds something else"):
        open_store(f"embedded:{tmp_path}")
    assert [one.name for one in tmp_path.iterdir()] == ["mine.txt"]


def test_the_engine_writes_nothing_beside_its_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    open_store("embedded:store").close()
    assert [one.name for one in tmp_path.iterdir()] == ["store"]
