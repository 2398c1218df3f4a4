"""Questions to a store: typed parameters in, readable values out, limits in between."""

import csv
import io
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphrisk.errors import GraphRiskError, StorageUnavailable, UsageError
from graphrisk.stores.asking import ask, ask_freely
from graphrisk.stores.header import Statement
from graphrisk.stores.library import statement
from graphrisk.stores.showing import as_csv, cell, plain
from graphrisk.stores.values import Parameter, bind, shown
from tests.stores.places import dataset_of, table

LIMITS = {"n_most": 100, "timeout_s": 30.0}
NIGHT = datetime(2026, 6, 1, 23, 59, 59, 250_001, tzinfo=UTC)


def taken(type_: str, text: str) -> object:
    return bind((Parameter("it", type_, True, None, "it"),), {"it": text})["it"]


class TestParameters:
    @pytest.mark.parametrize(
        ("type_", "text", "value"),
        [
            ("text", "", ""),
            ("text", "'}) DETACH DELETE n //", "'}) DETACH DELETE n //"),
            ("integer", "-7", -7),
            ("number", "1e-3", 0.001),
            ("boolean", "false", False),
            ("time", "1970-01-01T00:00:01Z", 1_000_000),
            ("time", "1970-01-01T08:00:01+08:00", 1_000_000),
            ("time", "1970-01-02", 86_400_000_000),
            ("list of text", "a, b", ["a", "b"]),
            ("list of text", '["a, b", "["]', ["a, b", "["]),
            ("list of text", "", []),
            ("list of integer", "1,2", [1, 2]),
            ("list of time", '["1970-01-01T00:00:01Z"]', [1_000_000]),
        ],
    )
    def test_text_becomes_a_value_of_its_type(self, type_, text, value):
        found = taken(type_, text)
        assert found == value
        assert type(found) is type(value)

    @pytest.mark.parametrize(
        ("type_", "text"),
        [
            ("integer", "seven-secrets"), ("integer", "9223372036854775808"),
            ("number", "nan-secrets"), ("number", "inf"), ("boolean", "yes-secrets"),
            ("time", "yesterday-secrets"), ("list of integer", "1,secrets"),
            ("list of text", "[secrets"), ("rows", "secrets"),
        ],
    )  # fmt: skip
    def test_what_can_not_be_read_is_refused_and_not_repeated(self, type_, text):
        with pytest.raises(UsageError) as caught:
            taken(type_, text)
        assert "it " in caught.value.found
        assert "secrets" not in str(caught.value)

    def test_all_faults_are_told_at_once(self):
        takes = (
            Parameter("a", "text", True, None, "the a"),
            Parameter("n", "integer", False, 3, "the n"),
        )
        with pytest.raises(UsageError) as caught:
            bind(takes, {"n": "x", "m": "1"})
        for fault in ("a is missing (the a)", "n is not a whole number", "called 'm'"):
            assert fault in caught.value.found

    def test_defaults_fill_in(self):
        takes = (Parameter("n", "integer", False, 3, ""), Parameter("s", "text", False, None, ""))
        assert bind(takes, {}) == {"n": 3, "s": None}

    @given(st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1)))
    def test_times_come_out_as_they_went_in(self, moment):
        written = f"{moment.isoformat()}Z"
        assert shown("time", taken("time", written)) == written


class TestCells:
    @pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
    def test_no_text_is_a_formula(self, start):
        found = as_csv([f"{start}a"], [[f"{start}1+1"], [[f"{start}b", "c"]]])
        cells = [one for (one,) in csv.reader(io.StringIO(found, newline=""))]
        assert cells == [f"'{start}a", f"'{start}1+1", f"'{start}b; c"]

    def test_numbers_stay_numbers(self):
        assert as_csv(["n"], [[-1], [-1.5], [None], [True]]) == "n\n-1\n-1.5\n\ntrue\n"

    def test_lists_maps_and_the_unknown(self):
        assert as_csv(["a"], []) == "a\n"
        assert cell(["a", None, 3]) == "a; ; 3"
        assert cell({"b": 1, "a": "人"}) == '{"a": "人", "b": 1}'
        assert plain(float("nan")) == "nan"
        json.dumps(plain({"a": [float("inf"), (1, 2)]}), allow_nan=False)


@pytest.fixture
def book(store):
    """Two accounts on one device."""
    accounts = [{"account_id": "A1", "opened_at": NIGHT}, {"account_id": "=A2"}]
    uses = [
        {"account_id": one["account_id"], "kind": "device", "value": "D1", "first_seen_at": NIGHT}
        for one in accounts
    ]
    tables = {"accounts": table("accounts", accounts), "identifiers": table("identifiers", uses)}
    store.writer().load(dataset_of(tables))
    return store


@pytest.mark.xdist_group("neo4j")
class TestStores:
    def test_a_question_of_the_library(self, book):
        one = statement("queries/shared_identifiers")
        found = ask(book, one, {"account_id": "A1"}, **LIMITS)
        assert found.rows == (("=A2", 1, ["device:D1"], [], "2026-06-01T23:59:59.250001Z", None),)

    def test_a_question_of_ones_own(self, book):
        text = (
            "MATCH (a:Account)-[r]->(d:Device) WHERE a.opened_at_us >= $since AND d.device_id = $d "
            "RETURN a.opened_at_us AS opened_at_us, a AS account, r AS used, $n + 1 AS n"
        )
        given = {"since:time": "2026-06-01", "d": "D1", "n:integer": "41"}
        ((opened, account, used, n),) = ask_freely(book, text, given, **LIMITS)[0].rows
        assert (opened, n) == ("2026-06-01T23:59:59.250001Z", 42)
        assert account["labels"] == ["Account", "Entity"]
        assert account["account_id"] == "A1"
        assert used["relationship"] == "USES_DEVICE"

    def test_a_path_is_a_list_of_what_it_goes_over(self, book):
        text = "MATCH p = (:Account {account_id: 'A1'})-[*2]-(:Account) RETURN p AS p"
        (((*steps,),),) = ask_freely(book, text, {}, **LIMITS)[0].rows
        assert [one.get("entity_key", one.get("relationship")) for one in steps] == [
            "account:A1", "USES_DEVICE", "device:D1", "USES_DEVICE", "account:=A2",
        ]  # fmt: skip

    def test_rows_end_at_the_limit_and_it_is_said(self, book):
        text = "UNWIND range(1, 10) AS n RETURN n AS n ORDER BY n"
        cut, _ = ask_freely(book, text, {}, n_most=3, timeout_s=30)
        assert ([n for (n,) in cut.rows], cut.is_cut) == ([1, 2, 3], True)
        whole, _ = ask_freely(book, text, {}, n_most=10, timeout_s=30)
        assert (len(whole.rows), whole.is_cut) == (10, False)

    def test_time_ends_at_the_limit(self, book):
        text = (
            "UNWIND range(1, 3000) AS a UNWIND range(1, 3000) AS b UNWIND range(1, 3000) AS c "
            "WITH a, b, c WHERE a + b + c = -1 RETURN count(*) AS n"
        )
        with pytest.raises(StorageUnavailable, match="longer than allowed"):
            ask_freely(book, text, {}, n_most=1, timeout_s=1)

    def test_wrong_cypher_is_the_askers_fault(self, book):
        with pytest.raises(UsageError):
            ask_freely(book, "MATCH (a RETURN a", {}, **LIMITS)

    def test_a_parameter_that_is_missing_is_told(self, book):
        with pytest.raises(GraphRiskError):
            ask_freely(book, "RETURN $nobody AS nobody", {}, **LIMITS)

    def test_writing_is_refused_before_it_is_sent(self, book):
        with pytest.raises(UsageError, match="SET"):
            ask_freely(book, "MATCH (n) SET n.x = 1", {}, **LIMITS)

    def test_where_the_embedded_engine_may_answer_otherwise_it_is_said(self, book):
        text = "MATCH p = (a)-[*2]-(b) WHERE all(n IN nodes(p) WHERE n.k >= a.k) RETURN 1 AS x"
        _, warned = ask_freely(book, text, {}, **LIMITS)
        assert [one.rule for one in warned] == (
            [] if book.engine == "neo4j" else ["path-predicate"]
        )

    def test_a_question_for_another_engine_is_refused(self, book):
        other = {"neo4j": "embedded", "embedded": "neo4j"}[book.engine]
        one = Statement("queries/x", "X", "X?", "read", (other,), (), (), (), "RETURN 1 AS x")
        with pytest.raises(UsageError, match=other):
            ask(book, one, {}, **LIMITS)


def test_types_of_a_free_parameter_are_known_ones():
    with pytest.raises(UsageError, match="of type 'secret'"):
        ask_freely(None, "RETURN $a AS a", {"a:secret": "x"}, **LIMITS)
