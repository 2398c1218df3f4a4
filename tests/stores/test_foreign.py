"""A graph of the user's own, with labels and properties of their own, read through a mapping."""

from datetime import UTC, date, datetime

import pytest

from graphrisk import analyze, read_dataset
from graphrisk.errors import InputRefused, MappingError
from graphrisk.stores.bolt_store import BoltStore
from graphrisk.stores.foreign import graph_sources
from tests.stores.places import everything

pytestmark = pytest.mark.xdist_group("neo4j")

MAPPING = """
name = "theirs"

[graph.customers]
node = "Customer of `ours`"

[graph.blocked]
node = "Customer of `ours`"

[graph.owns]
relationship = "OWNS PHONE"

[graph.paid]
relationship = "PAID"

[[table]]
file = "customers"
into = "accounts"
columns = {account_id = "cust no", opened_at = "since", status = "state"}
values = {status = {A = "active"}}

[[table]]
file = "blocked"
into = "labels"
where = {blocked = "true"}
columns = {entity_id = "cust no", known_at = "blocked_on"}
constants = {entity_kind = "account", label = "blacklisted", source = "their_bank"}

[[table]]
file = "owns"
into = "identifiers"
columns = {account_id = "start.cust no", value = "end.number", first_seen_at = "since"}
constants = {kind = "phone"}

[[table]]
file = "paid"
into = "transfers"
columns = {from_account_id = "start.cust no", to_account_id = "end.cust no", at = "on", \
amount_minor = {column = "yuan", unit = "major"}}
constants = {currency = "CNY"}
"""

THEIRS = """
CREATE (a:`Customer of ``ours```
          {`cust no`: 'C1', since: $opened, state: 'A', blocked: true, blocked_on: $day}),
       (b:`Customer of ``ours``` {`cust no`: 'C2', since: $opened, state: 'B', blocked: false}),
       (p:Phone_Number {number: '+8613900000001'}),
       (a)-[:`OWNS PHONE` {since: $opened}]->(p),
       (b)-[:`OWNS PHONE`]->(p),
       (a)-[:PAID {on: $opened, yuan: 12.5}]->(b)
"""
OPENED = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.fixture
def mapping(tmp_path):
    path = tmp_path / "theirs.toml"
    path.write_text(MAPPING, encoding="utf-8")
    return path


@pytest.fixture
def theirs(store: BoltStore):
    """A store that somebody else filled, with times of the server's own type on Neo4j."""
    is_server = store.engine == "neo4j"
    given = {
        "opened": OPENED if is_server else OPENED.isoformat(),
        "day": date(2026, 5, 1) if is_server else "2026-05-01",
    }
    with store._bolt._session("WRITE") as session:
        session.run(THEIRS, given).consume()
    return store


def test_it_is_read_like_the_same_rows_in_files(theirs, mapping, tmp_path):
    before = everything(theirs)
    tables = theirs.view().foreign(graph_sources(mapping))
    found = read_dataset(tables, mapping=mapping)
    assert not len(found.quarantine)

    folder = tmp_path / "book"
    folder.mkdir()
    for name, text in {
        "accounts": "account_id,opened_at,status\nC1,2026-01-02T03:04:05Z,active\n"
        "C2,2026-01-02T03:04:05Z,B\n",
        "labels": "entity_kind,entity_id,label,known_at,source\n"
        "account,C1,blacklisted,2026-05-01,their_bank\n",
        "identifiers": "account_id,kind,value,first_seen_at\n"
        "C1,phone,+8613900000001,2026-01-02T03:04:05Z\nC2,phone,+8613900000001,\n",
        "transfers": "from_account_id,to_account_id,at,amount_minor,currency\n"
        "C1,C2,2026-01-02T03:04:05Z,1250,CNY\n",
    }.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    wanted = read_dataset(folder)
    one, other = analyze(found), analyze(wanted)
    for name in ("decisions", "evidence", "entities"):
        assert getattr(one, name).equals(getattr(other, name)), name
    assert everything(theirs) == before


ODD = """
MATCH (a:`Customer of ``ours``` {`cust no`: 'C1'}), (b:`Customer of ``ours``` {`cust no`: 'C2'}),
      (p:Phone_Number)
CREATE (:`Customer of ``ours``` {since: 'yesterday', state: 'A', blocked: false}),
       (:`Customer of ``ours``` {`cust no`: 'C3', since: 'yesterday', blocked: false}),
       (:`Customer of ``ours``` {`cust no`: true, blocked: false}),
       (a)-[:PAID {on: $opened, yuan: 1.0}]->(a),
       (a)-[:PAID {on: $opened, yuan: 'much'}]->(b),
       (a)-[:PAID {on: $opened, yuan: -1}]->(b),
       (p)-[:`OWNS PHONE` {since: $opened}]->(a)
"""


def test_what_is_odd_is_set_aside_and_told(theirs, mapping):
    """No id, a time that is none, a payment to oneself, amounts that are none, a link turned."""
    with theirs._bolt._session("WRITE") as session:
        session.run(ODD, {"opened": OPENED.isoformat()}).consume()
    found = read_dataset(theirs.view().foreign(graph_sources(mapping)), mapping=mapping)
    told = {(row["table"], row["column"], row["code"]) for row in found.quarantine.to_dicts()}
    assert told >= {
        ("accounts", "account_id", "missing_value"),
        ("accounts", "opened_at", "bad_time"),
        ("transfers", "to_account_id", "self_link"),
        ("transfers", "amount_minor", "wrong_type"),
        ("transfers", "amount_minor", "negative_amount"),
        ("identifiers", "account_id", "missing_value"),
    }
    assert set(found.tables["accounts"]["account_id"]) == {"C1", "C2", "true"}
    for tally in found.tallies:
        tally.check()
        assert tally.n_accepted + tally.n_duplicates + tally.n_quarantined == tally.n_rows_read


def test_a_list_is_no_value_of_a_table(theirs, mapping):
    with theirs._bolt._session("WRITE") as session:
        session.run("MATCH (c:`Customer of ``ours``` {`cust no`: 'C1'}) SET c.state = ['A', 'B']")
    with pytest.raises(InputRefused, match="'state' holds values of type list"):
        theirs.view().foreign(graph_sources(mapping))


def test_a_label_that_no_node_has_is_refused(store, mapping):
    with pytest.raises(InputRefused, match="the graph holds none"):
        store.view().foreign(graph_sources(mapping))


def test_a_property_that_no_node_has_is_a_missing_column(theirs, mapping):
    mapping.write_text(MAPPING.replace('"state"', '"staet"'), encoding="utf-8")
    with pytest.raises(InputRefused, match="staet"):
        read_dataset(theirs.view().foreign(graph_sources(mapping)), mapping=mapping)


@pytest.mark.parametrize(
    ("was", "becomes", "says"),
    [
        ('node = "Customer of `ours`"', 'nodes = "Customer"', "node = "),
        ("[graph.owns]", "[graph.other]", "owns"),
        (
            'status = "state"}\nvalues',
            'status = "state"}\nattributes = "numeric"\nvalues',
            "attributes",
        ),
    ],
)
def test_a_mapping_that_does_not_say_where_is_refused(mapping, was, becomes, says):
    mapping.write_text(MAPPING.replace(was, becomes), encoding="utf-8")
    with pytest.raises(MappingError, match=says):
        graph_sources(mapping)
