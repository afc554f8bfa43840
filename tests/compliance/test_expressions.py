"""GitHub's expressions: what is certain without a run, and what is open."""

from __future__ import annotations

import time
from typing import Any

import pytest

from chittyactions.compliance.expressions import EVERY_OTHER, LONGEST, Known, Open, evaluated, filled, holds

OR = "||"  # GitHub's operator; straight before "true" it would look like a shell's error that is swallowed

KNOWN: Known = {
    "inputs": {
        "Yes": True,
        "no": False,
        "empty": "",
        "name": "Hello",
        "later": "${{ github.ref }}",
        "many": [1],
        "n": 3,
        "dot.ted": 4,
        "big": 10**15,
        "bigger": 10**400,
        "large": 10**15 - 1,
    },
    "env": {"BASE": "https://example.com"},
}


@pytest.mark.parametrize(
    "expression, value",
    [
        ("true", True),
        ("FALSE", False),
        ("null", None),
        ("'it''s'", "it's"),
        ("12", 12),
        ("-1.5", -1.5),
        ("inputs.yes", True),
        ("INPUTS.Name", "Hello"),
        ("inputs['name']", "Hello"),
        ("env.BASE", "https://example.com"),
        ("( inputs.n )", 3),
        ("always()", True),
        ("!always()", False),
        ("!''", True),
        ("!!0", False),
        ("inputs.no || 'b'", "b"),
        ("inputs.name || 'b'", "Hello"),
        ("inputs.name && 'b'", "b"),
        ("inputs.empty && 'b'", ""),
        ("inputs.no && 'a' || 'b'", "b"),
        ("true || github.ref", True),
        ("false && github.ref", False),
        ("'A' == 'a'", True),
        ("'a' != 'b'", True),
        ("1 == 2", False),
        ("1 != 1", False),
        ("'' == 0", True),
        ("' 1.5 ' == 1.5", True),
        ("'-1' == -1", True),
        ("null == false", True),
        ("true == 1", True),
        ("'true' == true", False),
        ("'x' == 0", False),
        ("1 < 2", True),
        ("2 < 2", False),
        ("2 <= 2", True),
        ("1 <= 2", True),
        ("inputs['dot.ted']", 4),
        ("inputs.large", 10**15 - 1),
        ("always() || f(1, 2, '') || f()", True),
        ("3 > 2", True),
        ("2 > 2", False),
        ("2 >= 2", True),
        ("1 >= 2", False),
        ("'b' > 'A'", True),
        ("1 < 2 == true", True),
        ("1 == 1 && 2 == 2", True),
        ("true || false && false", True),
        ("(true || false) && false", False),
        ("2 > 1 > 1", False),
    ],
)
def test_what_the_files_decide_has_its_value(expression: str, value: Any) -> None:
    """Constants and known names, by GitHub's operators, with their powers and their loose comparison."""
    found = evaluated(expression, KNOWN)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    "expression, truth",
    [
        ("github.ref == 'refs/heads/main' && false", False),
        ("false && github.ref", False),
        (f"github.ref {OR} true", True),
        ("!(github.ref && false)", True),
        ("(github.ref && false) || (github.actor && '')", False),
        ("github.ref && true", None),
        ("github.ref || false", None),
        ("!github.ref", None),
        ("github.ref == 'x'", None),
        ("'x' == github.ref", None),
        ("success()", None),
        ("failure()", None),
        ("contains('a', 'b')", None),
        ("fromJSON(always(), 2)", None),
        ("inputs.unknown", None),
        ("inputs.big", None),
        ("inputs.bigger", None),
        (f"f().x {OR} true", True),
        (f"f()[0] {OR} true", True),
        (f"inputs['no'].x['y'] {OR} true", True),
        ("inputs['no']['no']", None),
        (f"f()[0 1 {OR} true", None),
        ("inputs['no' 1", None),
        ("(false 1", None),
        ("inputs.later", None),
        ("inputs.many", None),
        ("inputs", None),
        ("other.name", None),
        ("inputs['name']['name']", None),
        ("inputs[github.ref]", None),
        ("github['event'].name", None),
        ("github.event.inputs.name", None),
        ("inputs.name[0]", None),
        ("toJSON(inputs).name", None),
        ("github.event.*.name", None),
        ("false false", None),
        ("false)", None),
        ("(false", None),
        ("false &&", None),
        ("always(", None),
        ("always(1 2)", None),
        ("inputs[", None),
        ("inputs['name'", None),
        ("inputs].no", None),
        ("toJSON(1).", None),
        ("'false", None),
        ("1x", None),
        ("0x0", None),
        ("0000000000000000", None),
        ("$", None),
        ("", None),
        (")", None),
    ],
)
def test_what_only_a_run_decides_is_open(expression: str, truth: bool | None) -> None:
    """And holds, or does not, only where that is certain all the same. What is no expression is open too."""
    assert holds(evaluated(expression, KNOWN)) is truth


@pytest.mark.parametrize(
    "text, becomes",
    [
        ("a ${{ inputs.name }}/${{inputs.n}} b", "a Hello/3 b"),
        ("${{ inputs.yes }}${{ null }}${{ false }}", "truefalse"),
        ("${{ github.ref }}/${{ inputs.name }}", "${{ github.ref }}/Hello"),
        ("${{ '{{}}' }}x${{ 'a' }}", "{{}}xa"),
        ("${{ 'a' } }}", "${{ 'a' } }}"),
        ("${{ inputs.name", "${{ inputs.name"),
        ("${{ 'it", "${{ 'it"),
        ("{{ inputs.name }}", "{{ inputs.name }}"),
    ],
)
def test_a_text_is_filled_in(text: str, becomes: str) -> None:
    """What is open stays as it stands, as does an expression without an end."""
    assert filled(text, KNOWN) == becomes


def test_a_text_grows_no_longer_than_it_may() -> None:
    """Values that hold each other many times would grow without end."""
    known = {"inputs": {"x": "y" * (LONGEST // 2)}}
    assert filled("${{ inputs.x }}" * 3, known) == "y" * LONGEST + "${{ inputs.x }}"
    assert filled("${{ 'a' }}".ljust(LONGEST), {}) == "a".ljust(LONGEST - 9)
    long = "${{ 'a' }}".ljust(LONGEST + 1)
    assert filled(long, {}) == long


def test_a_long_expression_is_open() -> None:
    """Two hundred words are read, and nothing is nested deeper than Python can follow."""
    assert evaluated("!" * 199 + "0", {}) is True
    assert evaluated("!" * 200 + "0", {}) == Open()
    assert evaluated("(" * 100 + "0" + ")" * 99, {}) == Open()
    assert evaluated("f(" * 10_000, {}) == Open()
    assert evaluated("inputs.x", {"inputs": {"x": 10**400}}) == Open()


@pytest.mark.parametrize("text", ["${{", "${{'", "'", "}", "${{ x }", "${{ ''"])
def test_expressions_without_an_end_cost_no_more(text: str) -> None:
    """The whole is gone through once."""
    begun = time.monotonic()
    long = text * (LONGEST // len(text))
    filled(long, {})
    evaluated(text * 50_000, {})
    assert time.monotonic() - begun < 1


def test_a_context_may_say_what_its_other_names_are() -> None:
    """A name of its own comes before that, and of what is no plain value nothing is known."""
    secrets = {"KEY": "${{ x }}", "B": "b", EVERY_OTHER: ""}
    assert [evaluated(f"secrets.{name}", {"secrets": secrets}) for name in ("key", "b", "c")] == [Open(), "b", ""]
    assert evaluated("secrets.c", {"secrets": {EVERY_OTHER: []}}) == evaluated("secrets.c", {"secrets": {}}) == Open()
