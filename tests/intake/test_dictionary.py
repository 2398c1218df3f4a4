"""The data dictionary is generated; this keeps the committed copy in step."""

from pathlib import Path

from graphrisk.intake.codes import FaultCode
from graphrisk.intake.columns import TABLES
from graphrisk.intake.dictionary import render

COMMITTED = Path(__file__).parents[2] / "docs" / "data-dictionary.md"


def test_the_committed_dictionary_is_in_step():
    assert COMMITTED.read_text("utf-8") == render(), "run the command at the top of the file"


def test_every_table_column_and_code_is_there():
    text = render()
    for table in TABLES.values():
        assert f"### {table.name}\n" in text
        assert all(f"| `{name}` |" in text for name in table.names)
    assert all(f"| `{code.value}` |" in text for code in FaultCode)
