"""What the policy says of notices: one line to write to, and days that can be kept."""

import pytest

from graphrisk import Policy
from graphrisk.errors import PolicyError


def test_the_default_names_days_and_leaves_the_contact_to_the_lender():
    assert Policy.default().notice.contact == ""
    assert 1 <= Policy.default().notice.response_days <= 365


@pytest.mark.parametrize(
    "notice",
    [
        {"contact": "two\nlines"},
        {"contact": "x" * 201},
        {"contact": "\u202eturned round"},
        {"response_days": 0},
        {"response_days": 366},
        {"response_days": 1.5},
        {"phone": "+86"},
    ],
)
def test_what_does_not_fit_is_refused(notice):
    with pytest.raises(PolicyError, match=r"notice\."):
        Policy.from_mapping({"notice": notice})
