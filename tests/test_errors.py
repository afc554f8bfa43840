"""The tree of errors, and how an error reads."""

from __future__ import annotations

import re

import pytest

from chittyactions import errors
from chittyactions.errors import Cancelled, ChittyError, InputError, Refused, ServiceError

TREE = [found for found in vars(errors).values() if isinstance(found, type) and issubclass(found, ChittyError)]


def test_the_drawing_shows_the_tree() -> None:
    """The module's docstring names every error with its exit code, and nothing else."""
    drawn = dict(re.findall(r"[─ ] ?(\w+) +(\d+)(?: |$)", errors.__doc__ or "", re.MULTILINE))
    assert drawn == {found.__name__: str(found.exit_code) for found in TREE}


def test_exit_codes() -> None:
    """1 for a failure, 2 for inputs, 130 for a cancellation: a contract."""
    assert {found.exit_code for found in TREE} == {1, 2, 130}
    assert (InputError.exit_code, Cancelled.exit_code) == (2, 130)


def test_an_error_reads_from_what_to_where() -> None:
    """What happened, why, what to do, the YAML to paste, and the page."""
    error = ChittyError("It broke.", why="It was old.", fix="Mend it:", yaml="a:\n  b: 1", docs="page.md#part")
    assert str(error) == (
        "It broke.\n  Why: It was old.\n  Fix: Mend it:\n    a:\n      b: 1\n"
        "  Docs: https://github.com/chittyos/chittyops/blob/main/docs/page.md#part"
    )


def test_parts_that_are_missing_leave_no_trace() -> None:
    """An error of one sentence is that sentence."""
    assert str(ChittyError("It broke.")) == "It broke."
    assert ChittyError("It broke.").link == ""


@pytest.mark.parametrize("kind", [found for found in TREE if issubclass(found, ServiceError) and found is not Refused])
def test_an_error_of_a_service_names_it(kind: type[ServiceError]) -> None:
    """Whoever catches it knows which service it was."""
    assert kind("No.", service="X").service == "X"


def test_a_refusal_carries_status_and_code() -> None:
    """Decisions are made by them, never by words."""
    error = Refused("No.", service="X", status=403, code="DENIED")
    assert (error.status, error.code, error.offers) == (403, "DENIED", ())
