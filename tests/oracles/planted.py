"""A property that no bug breaks says nothing: look for the example that shows a planted one."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from hypothesis import Phase, find, settings
from hypothesis.errors import NoSuchExample
from hypothesis.strategies import SearchStrategy

Case = TypeVar("Case")
Subject = TypeVar("Subject")

_SEARCH = settings(
    max_examples=1000,
    phases=(Phase.generate,),
    derandomize=True,
    database=None,
    deadline=None,
)


def is_caught(
    check: Callable[[Subject, Case], None], wrong: Subject, cases: SearchStrategy[Case]
) -> bool:
    """Whether ``check`` fails for ``wrong`` on at least one of a thousand cases."""

    def fails(case: Case) -> bool:
        try:
            check(wrong, case)
        except AssertionError:
            return True
        return False

    try:
        find(cases, fails, settings=_SEARCH)
    except NoSuchExample:
        return False
    return True
