"""What the command refuses to do on Spark, before any work is done."""

import pytest

from graphrisk.learn.booster import Shape, Trees
from graphrisk.learn.calibrate import Platt
from graphrisk.learn.model import Additive, Boosted, FittedModel
from tests.cli.conftest import FIXTURE, call

NAMES = ("signal.LENDER_BURST", "structure.rank", "near.mean_1.odds", "near.harmonic")


@pytest.fixture(params=["additive", "boosted"])
def model(request, tmp_path):
    """A model that asks for a signal, for a walk, and for labels around."""
    shapes = tuple(Shape(name, (0.0,), (0.0, 0.1), 0.0) for name in NAMES)
    line = Platt(1.0, 0.0)
    made = FittedModel(request.param, Additive(0.0, shapes, line),
                       Boosted(Trees(NAMES, ()), line), 0, {})  # fmt: skip
    file = tmp_path / "model.json"
    file.write_text(made.to_json())
    return file


def test_a_learned_model_is_refused_with_what_it_asks_for(model, tmp_path):
    out = tmp_path / "out"
    done = call("analyze", FIXTURE, "--engine", "spark", "--model", model, "--out", out)
    assert done.exit_code == 2
    assert "of the 4 columns of this model" in done.stderr
    assert "2 near, 1 structure" in done.stderr
    assert not out.exists()


def test_a_store_of_one_process_is_refused(tmp_path):
    out, store = tmp_path / "out", f"embedded:{tmp_path / 'store'}"
    done = call("analyze", FIXTURE, "--engine", "spark", "--store", store, "--out", out)
    assert done.exit_code == 2
    assert "a server that each of them reaches" in done.stderr
    assert not out.exists()
    assert not (tmp_path / "store").exists()
