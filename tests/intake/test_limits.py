"""Datasets that are refused as a whole: too much set aside, or not what came before."""

import pytest

from graphrisk.errors import ExitCode, MappingError
from graphrisk.intake.limits import Baseline


def write_accounts(folder, n_good, n_bad):
    rows = [f"a{n},2024-01-01" for n in range(n_good)] + [f"b{n},soon" for n in range(n_bad)]
    folder.write("accounts", "account_id,opened_at", *rows)


def test_many_rows_that_cannot_be_read_refuse_the_dataset_with_both_figures(folder):
    write_accounts(folder, 1_800, 200)
    refused = folder.refused()
    (fault,) = refused.faults
    assert refused.exit_code is ExitCode.REFUSED
    assert "200 of 2,000 rows (10.0%)" in fault
    assert "bad_time in opened_at" in fault
    assert "at most 5%" in fault
    assert refused.dataset.quarantine.height == 200


@pytest.mark.parametrize(("n_good", "n_bad"), [(10, 99), (3_800, 200), (0, 0)])
def test_few_rows_or_a_small_share_do_not(folder, n_good, n_bad):
    write_accounts(folder, n_good or 1, n_bad)
    assert len(folder.codes()) == n_bad


def test_a_history_of_versions_is_no_fault(folder):
    rows = [f"a1,2024-01-01T00:00:{n % 60:02}Z,s{n}" for n in range(300)]
    folder.write("accounts", "account_id,opened_at,status", *rows)
    assert set(folder.codes()) == {"conflicting_key"}


def test_a_mapping_may_set_its_own_limits(folder, tmp_path):
    write_accounts(folder, 1_800, 200)
    path = tmp_path / "ours.toml"
    text = (
        '[limits]\nmost_quarantined_share = {}\n[[table]]\nfile = "accounts"\ninto = "accounts"\n'
    )
    path.write_text(text.format(0.2))
    assert len(folder.codes(mapping=path)) == 200
    path.write_text(text.format(2))
    with pytest.raises(MappingError, match="from 0 to 1"):
        folder.read(mapping=path)


def baseline(**changes):
    whole = {
        "inputs": [{"file": "accounts.csv", "n_rows_in_file": 10}],
        "columns": {"accounts.csv": ["account_id"]},
    }
    return Baseline.of_record("monday.analysis", whole | changes)


def test_half_of_the_rows_is_enough_and_less_is_not(folder):
    folder.write("accounts", "account_id", *(f"a{n}" for n in range(5)))
    assert folder.codes(baseline=baseline()) == []
    folder.write("accounts", "account_id", *(f"a{n}" for n in range(4)))
    (fault,) = folder.refused(baseline=baseline()).faults
    assert "accounts.csv: 4 rows; in monday.analysis it had 10" in fault
    assert "at least 50%" in fault


def test_a_column_or_a_file_that_is_gone_refuses_the_dataset(folder):
    folder.write("accounts", "account_id,opened_on", *(f"a{n},2024-01-01" for n in range(10)))
    before = baseline(
        columns={"accounts.csv": ["account_id", "opened_at"]},
        inputs=[
            {"file": "accounts.csv", "n_rows_in_file": 10},
            {"file": "labels.csv", "n_rows_in_file": 7},
        ],
    )
    column, file = folder.refused(baseline=before).faults
    assert "column opened_at is gone" in column
    assert "found columns account_id, opened_on" in column
    assert "labels.csv: there is no such file, and in monday.analysis it had 7 rows" in file
