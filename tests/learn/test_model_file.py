"""The model file: data with a hash; what is not as it was written is refused, in words."""

import json

import pytest

from graphrisk.errors import IntegrityFailure, UsageError
from graphrisk.learn.card import card_of
from graphrisk.learn.model import load_model, save_model


@pytest.fixture
def file(model, tmp_path):
    path = tmp_path / "book.model.json"
    save_model(path, model.to_json())
    return path


def edit(file, change):
    content = json.loads(file.read_text(encoding="utf-8"))
    change(content)
    file.write_text(json.dumps(content), encoding="utf-8")


def test_what_is_read_is_what_was_written(file, model):
    again = load_model(file)
    assert again == model
    assert again.to_json() == model.to_json()
    assert again.version == model.version


def test_a_file_edited_by_hand_is_refused(file):
    edit(file, lambda content: content["boosted"]["calibration"].update(shift=9.0))
    with pytest.raises(IntegrityFailure, match="was changed after it was written"):
        load_model(file)


def test_a_file_without_its_hash_is_refused(file):
    edit(file, lambda content: content.pop("hash"))
    with pytest.raises(IntegrityFailure):
        load_model(file)


def test_an_unknown_version_says_what_to_do(file):
    edit(file, lambda content: content.update(version=99))
    with pytest.raises(UsageError, match=r"version 99.*graphrisk fit again"):
        load_model(file)


@pytest.mark.parametrize("text", ["", "[]", "{}", "not json"])
def test_what_is_no_model_is_refused(tmp_path, text):
    path = tmp_path / "other.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError):
        load_model(path)


def test_the_card_says_what_it_was_learned_from_and_its_limits(model):
    card = card_of(model)
    assert card.startswith(f"# Model {model.version}\n")
    for said in ("## Limits", "## By part of the book", "roc auc", f"**{model.chosen}** decides"):
        assert said in card
    assert all(f"`{name}`" in card for name in model.about["columns"])
