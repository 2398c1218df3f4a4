"""A fitted model decides scheduled runs, and its hash is part of what a run is."""

import pytest

from graphrisk import read_dataset
from graphrisk.batch.difference import difference
from graphrisk.errors import IntegrityFailure, UsageError
from graphrisk.learn.model import load_model
from graphrisk.model.policy import Policy
from graphrisk.pipeline.learning import learn


@pytest.fixture
def fitted(place):
    """A book whose runs a fitted model decides."""
    (place.home / "book.model.json").write_text(
        learn(read_dataset(place.home / "feed"), Policy.default(), seed=1).to_json()
    )
    return place


def use(place, name):
    file = place.home / "batch.toml"
    file.write_text(file.read_text().replace("[rules]\n", f'[rules]\nmodel = "{name}"\n'))


def test_a_fitted_model_decides_and_is_known_by_its_hash(fitted):
    own = fitted.run()
    use(fitted, "book.model.json")
    model = load_model(fitted.home / "book.model.json")
    done = fitted.run()
    assert (done.outcome, done.model_version) == ("published", model.version)
    assert done.key != own.key
    assert fitted.decisions().height == own.counts["n_accounts"]
    assert fitted.run().outcome == "unchanged"
    told = difference(fitted.config, fitted.clock, "1", "2", n_explained=1)[2]
    assert told
    assert told[0].because == f"decided by {own.model_version} and then {model.version}; " + (
        "see the waterfalls of both runs"
    )
    text = (fitted.home / "book.model.json").read_text()
    (fitted.home / "book.model.json").write_text(text.replace('"seed": 1', '"seed": 2'))
    with pytest.raises(IntegrityFailure, match="was changed after it was written"):
        fitted.run()
    assert fitted.current.resolve().name == done.name


def test_a_model_that_is_not_there(place):
    use(place, "none.json")
    with pytest.raises(UsageError, match="can't be read"):
        place.run()
