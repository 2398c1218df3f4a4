"""What blocks send arrives, whoever sent it in whichever file, and nobody is heard twice."""

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphrisk.spark.mail import Bag, Gone, Senders, received
from graphrisk.spark.place import POST, Site
from graphrisk.spark.repeating import rounds_of


@st.composite
def sendings(draw):
    """Draw who sends what to whom, and where one task's senders end and the next one's begin."""
    n_blocks = draw(st.integers(1, 6))
    blocks = st.integers(0, n_blocks - 1)
    outgoing = draw(st.lists(st.dictionaries(blocks, st.text()), min_size=n_blocks,
                             max_size=n_blocks))  # fmt: skip
    return outgoing, sorted(draw(st.sets(st.integers(1, n_blocks), max_size=3)) | {0, n_blocks})


def deliver(folder, attempt, outgoing, ends):
    for first, end in pairwise(ends):
        bag = Bag(Senders(attempt, first, end - 1), len(outgoing))
        for sender in range(first, end):
            bag.put("news", sender, outgoing[sender])
        bag.deliver(folder)


@given(sent=sendings())
def test_each_block_hears_what_was_sent_to_it_by_rising_senders(tmp_path_factory, sent):
    outgoing, ends = sent
    folder = tmp_path_factory.mktemp("post")
    deliver(folder, 0, outgoing, ends)
    for to in range(len(outgoing)):
        heard = list(received(folder / "news", to, len(outgoing), from_all=True))
        assert heard == [(one, told[to]) for one, told in enumerate(outgoing) if to in told]


def test_there_is_one_file_for_each_task_and_sending(tmp_path):
    deliver(tmp_path, 0, [{0: "a", 1: "b"}] * 8, [0, 4, 8])
    assert sorted(path.name for path in (tmp_path / "news").iterdir()) == ["0.0.3", "0.4.7"]


def test_attempts_of_other_numbers_of_tasks_are_not_heard_twice(tmp_path):
    deliver(tmp_path, 0, [{0: "a"}, {0: "b"}, {0: "c"}], [0, 1, 3])
    deliver(tmp_path, 1, [{0: "a"}, {0: "b"}, {0: "c"}], [0, 2, 3])
    assert list(received(tmp_path / "news", 0, 3, from_all=True)) == [(0, "a"), (1, "b"), (2, "c")]


def test_what_was_removed_is_missed(tmp_path):
    deliver(tmp_path, 0, [{0: "a"}, {0: "b"}], [0, 1, 2])
    (tmp_path / "news" / "0.1.1").unlink()
    with pytest.raises(Gone):
        list(received(tmp_path / "news", 0, 2, from_all=True))


def test_a_sending_is_removed_once_the_next_round_has_read_it(tmp_path):
    """Two tasks of two blocks each; only what the last round sent is there in the end."""

    def tell(site: Site, number: int) -> int:
        if number:
            heard = [text for _, text in site.receive(f"news-{number - 1}")]
            assert heard == [f"{sender} in {number - 1}" for sender in range(4)]
        site.send(f"news-{number}", dict.fromkeys(range(4), f"{site.block} in {number}"))
        return 1

    sites = [Site(str(tmp_path), block, 4) for block in range(4)]
    tasks = [rounds_of(tell, sites[:2], 0, 5), rounds_of(tell, sites[2:], 0, 5)]
    assert [sum(said) for said in zip(*tasks, strict=True)] == [4] * 5
    assert there(tmp_path) == ["news-4/0.0.1", "news-4/0.2.3"]


def there(root: Path) -> list[str]:
    files = (root / POST).rglob("*")
    return sorted(str(path.relative_to(root / POST)) for path in files if path.is_file())
