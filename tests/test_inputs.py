"""Reading an action's inputs: types, defaults, and all problems at once."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chittyactions.errors import InputError
from chittyactions.inputs import Inputs


def problems(inputs: Inputs) -> str:
    with pytest.raises(InputError) as caught:
        inputs.finish()
    return caught.value.what


def test_all_problems_at_once() -> None:
    """One error names every input that can't be used, unknown ones too."""
    inputs = Inputs({"a": "maybe", "b": "x", "unknown": "1"})
    inputs.flag("a", default=True)
    inputs.choice("b", ("one", "two"), "one")
    inputs.text("c", required=True, like="hello")
    told = problems(inputs)
    assert told.startswith("4 inputs cannot be used: ")
    for part in (
        "a is 'maybe': expected true or false",
        "b is 'x': expected one or two",
        "c is required, something like hello",
        "unknown: there is no such input",
    ):
        assert part in told


def test_nothing_is_wrong() -> None:
    """Inputs that can be used raise nothing; what was read is declared with its default as YAML has it."""
    inputs = Inputs({"flag": "yes"})
    assert inputs.flag("flag", default=False) is True
    assert inputs.seconds("timeout", "60s", low=1, high=600) == 60
    assert inputs.names("names") == ()
    inputs.finish()
    assert inputs.declared == {"flag": "false", "timeout": "60s", "names": ""}


@pytest.mark.parametrize("value", ["", "  ", None])
def test_an_empty_input_is_not_set(value: str | None) -> None:
    """GitHub gives "" for what nobody wrote: the default counts."""
    inputs = Inputs.load({"CHITTY_INPUTS": json.dumps({"name": value})})
    assert inputs.text("name", "default") == "default"


@pytest.mark.parametrize(
    "value, seconds",
    [("60", 60), ("60s", 60), ("2m", 120), ("1500ms", 1.5), ("1.5s", 1.5), ("90 s", 90)],
)
def test_durations(value: str, seconds: float) -> None:
    """Seconds with or without their unit, minutes, milliseconds."""
    inputs = Inputs({"t": value})
    assert inputs.seconds("t", "5s", low=1, high=600) == seconds
    inputs.finish()


@pytest.mark.parametrize("value", ["0", "601", "11m", "-5", "soon", "1h", "1e3"])
def test_durations_that_are_none(value: str) -> None:
    """Out of range or not understood: the message says the range and an example."""
    inputs = Inputs({"t": value})
    inputs.seconds("t", "5s", low=1, high=600)
    assert "expected a duration from 1s to 600s, such as 5s" in problems(inputs)


@pytest.mark.parametrize(
    "value, names",
    [
        ("A,B", ("A", "B")),
        ("A B\nC", ("A", "B", "C")),
        (" A , ,B,A ", ("A", "B")),
        ('["A", " B "]', ("A", "B")),
        ("[]", ()),
        ("", ()),
    ],
)
def test_lists(value: str, names: tuple[str, ...]) -> None:
    """Commas, white space, lines or a JSON array; order kept, doubles dropped."""
    assert Inputs({"n": value}).names("n") == names


@pytest.mark.parametrize("value", ["[1]", "[", '[["A"]]', '["A", null]'])
def test_lists_that_are_none(value: str) -> None:
    """A JSON array has to be one of strings."""
    inputs = Inputs({"n": value})
    assert inputs.names("n") == ()
    assert "expected a JSON array of strings" in problems(inputs)


@pytest.mark.parametrize("value, flag", [("true", True), ("ON", True), ("1", True), ("No", False), ("0", False)])
def test_flags(value: str, flag: bool) -> None:
    """YAML writers have several words for true and false."""
    assert Inputs({"f": value}).flag("f", default=not flag) is flag


def test_a_pattern() -> None:
    """The whole value has to match; a long one is cut in the message."""
    inputs = Inputs({"a": "ok", "b": "no!" + "x" * 100})
    assert inputs.text("a", pattern=r"[a-z]+") == "ok"
    inputs.text("b", pattern=r"[a-z]+", like="hello")
    told = problems(inputs)
    assert "expected something like hello" in told
    assert "x" * 80 not in told


def test_a_choice_of_nothing_is_said() -> None:
    """What may be left out is told in a word, not by a gap."""
    inputs = Inputs({"access": "secret"})
    inputs.choice("access", ("", "public", "restricted"), "")
    assert "access is 'secret': expected nothing or public or restricted" in problems(inputs)


def test_names_are_told_without_case() -> None:
    """GitHub takes `API_KEY:` for `api_key`, so that both are one here too; what is set wins over what is empty."""
    inputs = Inputs.load({"CHITTY_INPUTS": json.dumps({"API_Key": "k", "api_key": ""})})
    assert inputs.secret("api_key") == "k"
    inputs.finish()


def test_a_secret_is_in_no_message() -> None:
    """A secret input loses surrounding white space and is never quoted."""
    inputs = Inputs({"key": "\n the-secret \n", "other": "bad"})
    assert inputs.secret("key") == "the-secret"
    inputs.flag("other", default=True)
    assert "the-secret" not in problems(inputs)


def test_a_grammar_of_its_own() -> None:
    """A parser's ValueError becomes a problem, and its default stands in."""

    def parse(text: str) -> int:
        if not text.isdigit():
            raise ValueError("expected digits")
        return int(text)

    inputs = Inputs({"n": "x", "m": "7"})
    assert (inputs.parsed("n", "3", parse), inputs.parsed("m", "3", parse)) == (3, 7)
    assert "n is 'x': expected digits" in problems(inputs)


def test_a_problem_of_several() -> None:
    """What concerns inputs together is told with the rest."""
    inputs = Inputs({})
    inputs.problem("a and b exclude each other")
    assert problems(inputs) == "1 input cannot be used: a and b exclude each other."


@pytest.mark.parametrize("text", ["[]", "{", "7", "null", '"x"'])
def test_inputs_that_are_no_object(text: str) -> None:
    """Whoever starts an action by hand is told the form."""
    with pytest.raises(InputError, match="could not be read") as caught:
        Inputs.load({"CHITTY_INPUTS": text})
    assert "JSON object" in caught.value.fix


@pytest.mark.parametrize("value, text", [(True, "true"), (7, "7"), (None, ""), ("x", "x")])
def test_values_that_are_no_text(value: Any, text: str) -> None:
    """toJSON gives booleans and numbers of workflows as such: they read as YAML writes them."""
    assert Inputs.load({"CHITTY_INPUTS": json.dumps({"a": value})}).text("a") == text


def test_without_any_inputs() -> None:
    """An unset variable is an empty object."""
    Inputs.load({}).finish()
