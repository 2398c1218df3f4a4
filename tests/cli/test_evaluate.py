"""``graphrisk evaluate`` as a user meets it."""

import json

from .conftest import FIXTURE


def test_figures_are_told_and_written(run, tmp_path):
    done = run("evaluate", FIXTURE, "--splits", 1, "--out", tmp_path / "out")
    assert done.exit_code == 0, done.output
    assert "graphrisk" in done.stdout
    assert "degree" in done.stdout
    assert (tmp_path / "out" / "evaluation.html").is_file()


def test_json_is_one_object_with_every_figure(run):
    done = run("evaluate", FIXTURE, "--splits", 1, "--json")
    told = json.loads(done.stdout)
    assert told["methods"][0]["method"] == "graphrisk"
    assert 0.5 < told["methods"][0]["roc_auc"] <= 1.0
    assert {"ece", "brier", "bins"} == set(told["calibration"])


def test_a_file_split_needs_its_file(run):
    done = run("evaluate", FIXTURE, "--split", "file")
    assert done.exit_code == 2
    assert "--split-file" in done.stderr


def test_too_few_dated_labels_for_the_cuts_is_told(run):
    done = run("evaluate", FIXTURE, "--split", "time", "--cuts", 50)
    assert done.exit_code == 2
    assert "cuts" in done.stderr
