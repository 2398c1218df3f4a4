"""Every class of bad input, through the program: what is said, set aside, counted, exited with."""

import json

import pytest

from golden.cases import CASES
from graphrisk.errors import ExitCode
from graphrisk.intake.codes import FaultCode, NoLink

FATES = {
    "refused": {ExitCode.REFUSED},
    "quarantined": {ExitCode.QUARANTINED},
    "normalised": {ExitCode.CLEAN},
    "accepted": {ExitCode.CLEAN},
    "usage error": {ExitCode.USAGE},
}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.folder.name)
def test_bad_input(case, tmp_path):
    ran = case.run(tmp_path)
    assert ran.result.exit_code == case.exit_code
    assert ran.text() == (case.folder / "expected.json").read_text(encoding="utf-8"), (
        "read the difference; if it is meant: python tests/golden/record.py"
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.folder.name)
def test_no_row_is_dropped_in_silence(case):
    for file in case.expected.get("files", []):
        settled = file["n_accepted"] + file["n_duplicates"] + file["n_quarantined"]
        assert file["n_rows_read"] == settled
        assert 0 <= file["n_unlinked"] <= file["n_accepted"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.folder.name)
def test_what_is_recorded_is_what_the_class_promises(case):
    expected = case.expected
    assert expected["exit_code"] == case.exit_code
    assert ExitCode(case.exit_code) in FATES[case.fate]
    assert bool(expected.get("quarantine")) == (case.exit_code == ExitCode.QUARANTINED) or (
        case.exit_code == ExitCode.REFUSED
    )
    for line in expected.get("error", []):
        assert "; expected: " in line or "; next: " in line


def test_the_classes_are_numbered_without_a_gap():
    assert [case.number for case in CASES] == list(range(1, len(CASES) + 1))
    assert len(CASES) >= 86


def test_every_fault_code_has_a_class():
    seen = {
        record.get("code")
        for case in CASES
        for name in ("quarantine", "unlinked")
        for record in case.expected.get(name, [])
    }
    assert {str(code) for code in (*FaultCode, *NoLink)} <= seen


def case_of(slug):
    return next(case for case in CASES if case.folder.name.endswith(slug))


def test_markup_is_shown_and_never_run(tmp_path):
    ran = case_of("-html").run(tmp_path)
    page = (ran.wrote / "report.html").read_text(encoding="utf-8")
    assert "<script>alert" not in page
    assert "<img src=x" not in page


def test_formulas_are_text_to_a_spreadsheet(tmp_path):
    ran = case_of("-formulas").run(tmp_path)
    rows = (ran.wrote / "decisions.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert len(rows) == 4
    assert all(row.lstrip('"').startswith("'") for row in rows)


def test_a_pickle_is_not_loaded_and_a_log_line_is_not_forged(tmp_path):
    ran = case_of("-line-ends-in-ids").run(tmp_path)
    for line in (ran.wrote / "quarantine.jsonl").read_text(encoding="utf-8").splitlines():
        assert "ERROR admin" not in json.loads(line)["value"]


def test_no_personal_value_is_said_in_clear(tmp_path):
    for slug in ("-junk-values", "-check-digits", "-masked-values"):
        (tmp_path / slug).mkdir()
        ran = case_of(slug).run(tmp_path / slug)
        told = (ran.wrote / "unlinked.jsonl").read_text(encoding="utf-8") + ran.result.output
        for line in (ran.case.folder / "input" / "identifiers.csv").read_text().splitlines()[1:]:
            value = line.split(",")[2]
            assert len(value) < 4 or value not in told
