"""What a run leaves of one service is never taken for another's."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from chittyactions.compliance.model import Service
from chittyactions.compliance.reports import markdown, sarif
from chittyactions.compliance.reports.key import key_of
from compliance.verdicts import HOSTILE, mixed, verdict


@pytest.mark.parametrize("name", ["chittyrouter", "chitty-auth", "chitty_auth", "Chitty.2", ".github", "a" * 100])
def test_a_service_at_the_root_is_known_by_its_name(name: str) -> None:
    """What earlier runs left is found again, and whoever downloads an artifact can say what it is called."""
    assert key_of(Service(name, "tool")) == name


def test_services_that_are_not_the_same_have_keys_that_are_not() -> None:
    """Neither the signs that a file's name may not have, nor a folder, nor a length makes two services one."""
    names = ["a-b", "a_b", "a b", "a/b", "a--b", "a-b-", ".a-b", "A-b", "@x/a-b", "é", "ü", "", "service", "\udc80"]
    names += ["a" * 100, "a" * 101, "a" * 102, HOSTILE]
    keys = [key_of(Service(name, "tool", folder=folder)) for name in names for folder in ("", "a", "x/a", "x-a")]
    assert len(set(keys)) == len(keys)
    assert [one for one in keys if not re.fullmatch(r"[A-Za-z0-9._](?!.*--)[A-Za-z0-9._~-]{0,108}", one)] == []


def test_a_key_stays_what_it_is() -> None:
    """A comment is found by it again in a year; it is no matter of the moment or the machine."""
    assert key_of(Service("auth", "tool", folder="services/auth")) == "auth~096ce7cb"
    assert key_of(Service("", "tool")) == "service~6e340b9c"
    assert key_of(Service("x y." * 30, "tool")) == "x-y." * 25 + "~01fa4c08"


def test_everything_that_a_run_leaves_goes_by_the_key() -> None:
    """Two folders whose services are called alike: neither edits the other's comment, nor closes its alerts."""
    one, other = (verdict(service=replace(mixed().service, folder=folder)) for folder in ("a", "b"))
    assert markdown.marker(one) != markdown.marker(other)
    assert markdown.marker(one) == f"<!-- chittyops:compliance-check:{key_of(one.service)} -->"
    categories = [[run["automationDetails"]["id"] for run in sarif.document(each)["runs"]] for each in (one, other)]
    assert not set(categories[0]) & set(categories[1])
    assert all(each.startswith(f"compliance/{key_of(one.service)}/") for each in categories[0])
