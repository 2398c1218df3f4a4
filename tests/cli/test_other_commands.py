"""graphrisk demo, policy and doctor, and the program itself."""

import json
from pathlib import Path

import pytest

import graphrisk
from graphrisk.cli import doctor
from graphrisk.model.policy import Policy


class TestDemo:
    def test_it_writes_a_book_and_says_what_to_do_next(self, run, tmp_path):
        done = run("demo", "my book", "--accounts", 300, "--seed", 2)
        assert done.exit_code == 0
        assert "300 accounts" in done.stdout
        assert done.stdout.rstrip().endswith("Next: graphrisk analyze 'my book'")
        assert (tmp_path / "my book" / "accounts.csv").is_file()

    def test_the_next_command_works(self, run):
        run("demo", "book", "--accounts", 300, "--format", "parquet")
        assert run("analyze", "book").exit_code == 0

    def test_json(self, run):
        told = json.loads(run("demo", "book", "--accounts", 300, "--json").stdout)
        assert told["n_accounts"] == told["n_rows"]["accounts"] == 300

    @pytest.mark.parametrize("wrong", [["--accounts", 3], ["--seed", -1], ["--format", "xlsx"]])
    def test_wrong_options_exit_2(self, run, tmp_path, wrong):
        assert run("demo", "book", *wrong).exit_code == 2
        assert list(tmp_path.iterdir()) == []

    def test_other_people_s_folders_are_left_alone(self, run, tmp_path):
        (tmp_path / "notes.txt").write_text("mine")
        assert run("demo", ".").exit_code == 2
        assert (tmp_path / "notes.txt").read_text() == "mine"


class TestPolicy:
    def test_what_is_shown_is_the_default(self, run, tmp_path):
        (tmp_path / "shown.toml").write_text(run("policy", "show").stdout, encoding="utf-8")
        assert Policy.load(tmp_path / "shown.toml").hash == Policy.default().hash

    def test_a_valid_file_is_told_with_its_hash(self, run, tmp_path):
        (tmp_path / "mine.toml").write_text('[policy]\nname = "mine"\n')
        done = run("policy", "check", "mine.toml")
        assert done.exit_code == 0
        assert "Policy mine, hash" in done.stdout

    def test_all_faults_are_told_at_once(self, run, tmp_path):
        (tmp_path / "mine.toml").write_text("[tiers]\nclose_prob = 2\nreviw_prob = 0.3\n")
        done = run("policy", "check", "mine.toml")
        assert done.exit_code == 2
        assert "close_prob" in done.stderr
        assert "did you mean 'review_prob'" in done.stderr


class TestDoctor:
    def test_a_sound_installation_exits_0(self, run):
        done = run("doctor", "--json")
        told = json.loads(done.stdout)
        assert told["exit_code"] == done.exit_code == 0
        names = {check["name"] for check in told["checks"]}
        assert names >= {"python", "polars", "kernels", "kernel cache", "tiny analysis", "memory"}
        assert not [check for check in told["checks"] if check["status"] == "fail"]

    def test_people_get_a_list(self, run, monkeypatch):
        monkeypatch.setattr(doctor, "CHECKS", (doctor.check_place,))
        done = run("doctor")
        assert "current directory" in done.stdout
        assert "All is well." in done.stdout

    def test_an_old_dependency_exits_6_and_says_what_to_do(self, run, monkeypatch):
        monkeypatch.setattr(doctor, "CHECKS", (doctor.check_versions,))
        monkeypatch.setattr(doctor, "requires", lambda name: ["polars>=999.1"])
        done = run("doctor")
        assert done.exit_code == 6
        assert ">=999.1 is needed" in done.stdout
        assert "upgrade polars" in done.stdout

    def test_a_missing_dependency_exits_6(self, run, monkeypatch):
        monkeypatch.setattr(doctor, "CHECKS", (doctor.check_versions,))
        monkeypatch.setattr(doctor, "requires", lambda name: ["no-such-library>=1"])
        assert run("doctor").exit_code == 6

    def test_terms_that_do_not_make_the_risk_exit_7(self, run, monkeypatch):
        monkeypatch.setattr(doctor, "_tiny_analysis", lambda: 0.25)
        assert run("doctor").exit_code == 7

    def test_kernels_that_do_not_compile_exit_7(self, run, monkeypatch):
        def broken() -> float:
            raise RuntimeError("cannot cache function")

        monkeypatch.setattr(doctor, "_tiny_analysis", broken)
        done = run("doctor", "--json")
        assert done.exit_code == 7
        assert "NUMBA_CACHE_DIR" in done.stdout

    def test_a_directory_that_cannot_be_written_exits_6(self, run, monkeypatch):
        monkeypatch.setattr(doctor, "CHECKS", (doctor.check_place,))
        monkeypatch.setattr(Path, "cwd", lambda: Path("/nowhere"))
        assert run("doctor").exit_code == 6


class TestProgram:
    def test_version(self, run):
        assert run("--version").stdout.strip() == f"graphrisk, version {graphrisk.__version__}"

    def test_an_unknown_command_exits_2(self, run):
        assert run("analyse").exit_code == 2
