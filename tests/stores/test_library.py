"""The library is found wherever it is installed, and every header says what its file does."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from graphrisk.errors import IntegrityFailure, UsageError
from graphrisk.stores.header import parse
from graphrisk.stores.library import library_folder, names, statement

ROOT = Path(__file__).parents[2]

GOOD = """\
// title: Neighbours
// answers: Who is linked
//   to this account?
// access: read
// param account_id: text, required · where to start
// param n_most: integer = 20 · rows at most
// param since_at: time = 2026-01-01T00:00:00Z · from then on
// param kinds: list of text = ["Device", "a, b"] · kinds
// param usage: text, optional · usage
// note: a hub is a hub
// column other_id: text · the other
// column first_at: time · from microseconds
MATCH (a:Account {account_id: $account_id})--(b:Entity)
WHERE b.kind IN $kinds AND ($usage IS NULL OR b.usage = $usage) // not a $parameter
WITH b.entity_id AS other, '$text' AS word
RETURN DISTINCT other AS other_id, max(coalesce($since_at, 0)) AS first_at
ORDER BY other_id, first_at LIMIT $n_most
"""


def changed(old, new):
    assert old in GOOD
    return GOOD.replace(old, new)


@pytest.mark.parametrize("name", names())
def test_every_file_of_the_library_is_sound(name):
    found = statement(name)
    assert found.title[0].isupper()
    assert found.answers.endswith((".", "?"))


def test_the_names_are_the_files():
    files = {
        p.relative_to(ROOT / "cypher").with_suffix("") for p in ROOT.glob("cypher/**/*.cypher")
    }
    assert names() == tuple(sorted(file.as_posix() for file in files))


def test_a_header_is_read_whole():
    found = parse("queries/x", GOOD)
    assert (found.title, found.answers) == ("Neighbours", "Who is linked to this account?")
    assert (found.access, found.engines) == ("read", ("neo4j", "embedded"))
    assert [one.default for one in found.parameters] == [
        None,
        20,
        1_767_225_600_000_000,
        ["Device", "a, b"],
        None,
    ]
    assert [one.required for one in found.parameters] == [True, False, False, False, False]
    assert [(one.name, one.type) for one in found.columns] == [
        ("other_id", "text"),
        ("first_at", "time"),
    ]
    assert found.notes == ("a hub is a hub",)
    assert found.text.startswith("MATCH")


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("// title: Neighbours\n", "", "one title, found 0"),
        ("// access: read", "// access: both", "expected read or write"),
        ("// access: read", "// access: read\n// engines: neo4j, oracle", "no engine is called"),
        ("n_most: integer = 20", "n_most: integer = many", "not a whole number"),
        ("n_most: integer = 20", "n_most: count = 20", "of type 'count'"),
        ("n_most: integer = 20 ·", "n_most: integer ·", "can't be read"),
        ("= 2026-01-01T00:00:00Z", "= yesterday", "not a time"),
        ("// param n_most: integer = 20 · rows at most\n", "", "$n_most is not declared"),
        ("LIMIT $n_most", "", "param n_most is not used"),
        ("AS other_id", "AS other", "it returns other, first_at; columns are other_id, first_at"),
        ("other AS other_id", "b.entity_id", "it returns (no name), first_at"),
        ("// note: a hub", "// remark: a hub", "can't be read at '// remark"),
        ("LIMIT $n_most", "LIMIT $n_most;", "without a semicolon"),
        ("// column other_id: text", "// column other_id: text = x", "can't be read"),
    ],
)
def test_a_header_that_says_something_else_is_a_fault(old, new, fault):
    with pytest.raises(IntegrityFailure) as caught:
        parse("queries/x", changed(old, new))
    assert fault in caught.value.found


def test_all_faults_are_told_at_once():
    with pytest.raises(IntegrityFailure) as caught:
        parse("queries/x", "// title: X\n// access: maybe\nRETURN $a AS b")
    for fault in ("one answers", "expected read or write", "$a is not declared", "returns b"):
        assert fault in caught.value.found


def test_a_union_has_the_same_columns_throughout():
    union = "\n// access: read\n// column a: integer · a\nRETURN 1 AS a UNION RETURN 2 AS b"
    with pytest.raises(IntegrityFailure, match="it returns b"):
        parse("x", f"// title: X\n// answers: X?{union}")


def test_a_name_that_is_not_there_is_answered_with_the_nearest():
    with pytest.raises(UsageError) as caught:
        statement(names()[0] + "s")
    assert names()[0] in caught.value.expected


def test_without_the_folder_the_fault_is_told(tmp_path):
    (tmp_path / "graphrisk").mkdir()
    with pytest.raises(IntegrityFailure, match="install graphrisk again"):
        library_folder(tmp_path / "graphrisk")


def test_an_editable_install_reads_the_repository():
    assert Path(str(library_folder())) == ROOT / "cypher"


def test_the_wheel_brings_its_own_library(tmp_path):
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT, capture_output=True, check=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    program = (
        "from graphrisk.stores import library as l\n"
        "print(l.library_folder())\n"
        "for name in l.names(): print(l.statement(name).name)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path, env={"PYTHONPATH": str(tmp_path / "site")}, capture_output=True, text=True,
        check=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    folder, *found = done.stdout.splitlines()
    assert Path(folder) == tmp_path / "site" / "graphrisk" / "cypher"
    assert tuple(found) == names()
