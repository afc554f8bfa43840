"""YAML as data with places: the words of YAML 1.2, bounded, told with line and column."""

from __future__ import annotations

import json
import random
import time
from typing import Any

import pytest
import yaml

from chittyactions.compliance.documents import DEEPEST, LARGEST, Malformed, Spot
from chittyactions.compliance.yaml_text import plain, read_yaml
from compliance.repositories import placed


@pytest.mark.parametrize(
    "text, expected",
    [
        ("", None),
        ("# only a comment", None),
        ("---\n", None),
        ("on: push", {"on": "push"}),
        ("yes: no\noff: on", {"yes": "no", "off": "on"}),
        ("a: true\nb: False\nc: ~\nd:\ne: null", {"a": True, "b": False, "c": None, "d": None, "e": None}),
        ("a: 'true'\nb: \"1\"\nc: |\n  2\n", {"a": "true", "b": "1", "c": "2\n"}),
        ("1: a\ntrue: b\n~: c", {"1": "a", "true": "b", "~": "c"}),
        ("a: 012\nb: 0o17\nc: 0x1F\nd: 1_000\ne: 1e3\nf: .5\ng: 1.2.3", None),
        ("a: 2024-01-02\nb: 12:30", {"a": "2024-01-02", "b": "12:30"}),
        ("a: !!str 1\nb: !x {c: 1}\nd: !!int '2'", {"a": "1", "b": {"c": 1}, "d": "2"}),
        ("a: &x [1, {b: 2}]\nc: *x\nd: &y 3\ne: *y", {"a": [1, {"b": 2}], "c": [1, {"b": 2}], "d": 3, "e": 3}),
        ("a: &x 1\nb: &x 2\nc: *x", {"a": 1, "b": 2, "c": 2}),
        ("{a: [b, c], d: {e: f}}", {"a": ["b", "c"], "d": {"e": "f"}}),
        ("a: ${X_SERVICE_ID}", {"a": "${X_SERVICE_ID}"}),
        ("a: '{{ name }}'", {"a": "{{ name }}"}),
        ("plain words", "plain words"),
        ("a:\r\n  - b\r\n  - c\r\n", {"a": ["b", "c"]}),
        ("? a\n: b", {"a": "b"}),
        ("a: 'Caf\u00e9\u202f\U0001f600'", {"a": "Caf\u00e9\u202f\U0001f600"}),
    ],
)
def test_yaml_is_read_by_the_rules_of_1_2(text: str, expected: Any) -> None:
    """`on`, `yes` and `no` are words, as GitHub reads them; keys are their text; tags are passed over."""
    if "0o17" in text:
        expected = {"a": 12, "b": 15, "c": 31, "d": "1_000", "e": 1000.0, "f": 0.5, "g": "1.2.3"}
    assert read_yaml(text).data == expected


@pytest.mark.parametrize(
    "text, line, column, reason",
    [
        ("a: 1\nb: [\n", 3, 1, "flow"),
        ("a:\n\t- b\n", 2, 1, "cannot start any token"),
        ("a: b: c\n", 1, 5, "mapping values are not allowed"),
        ("a: 1\n b: 2\n", 2, 3, "mapping values"),
        ("a: 1\nb: 2\na: 3\n", 3, 1, "the key a stands twice"),
        ("x: {b: 1, b: 2}\n", 1, 11, "the key b stands twice"),
        ("name: {{ name }}\n", 1, 8, "template"),
        ("? [a]\n: b\n", 1, 3, "template"),
        ("a: *x\n", 1, 4, "comes before its anchor"),
        ("a: &x [*x]\n", 1, 8, "inside it"),
        ("a: 1\n--- \nb: 2\n", 2, 1, "more than one document"),
        ("a: 1\nb: \x07\n", 2, 4, "control characters"),
        ("\u00e9: 1\nb: \x00\n", 2, 4, "control characters"),
        ("a: &x [1]\n*x : 1\n", 2, 1, "a key is a mapping or a list"),
    ],
)
def test_invalid_yaml_is_told_with_line_and_column(text: str, line: int, column: int, reason: str) -> None:
    """Tabs, templates without quotes, keys that stand twice, aliases in a circle, several documents."""
    with pytest.raises(Malformed) as caught:
        read_yaml(text)
    assert reason in caught.value.reason
    assert caught.value.spot == Spot(line, column)
    assert str(caught.value).startswith(f"line {line}, column {column}: ")


def test_places_are_those_of_keys_and_of_items() -> None:
    """Of values that aliases repeat, the place is where the alias stands."""
    document = read_yaml("# c\na:\n  - b\n  - c: 1\n    d: [2, 3]\ne: &x\n  f: 1\ng: *x\n")
    found = {".".join(map(str, path)): (spot.line, spot.column) for path, spot in placed(document.places).items()}
    assert found == {
        "a": (2, 1),
        "a.0": (3, 5),
        "a.1": (4, 5),
        "a.1.c": (4, 5),
        "a.1.d": (5, 5),
        "a.1.d.0": (5, 9),
        "a.1.d.1": (5, 12),
        "e": (6, 1),
        "e.f": (7, 3),
        "g": (8, 1),
    }
    assert document.spot("g", "f") == Spot(8, 1)


def test_lines_are_counted_as_editors_count_them() -> None:
    """U+2028 and its like begin no line, and a line may end in CR LF."""
    document = read_yaml("a: '\u2028 \u0085'\r\nb: \U0001f600 c\r\nc: {d: e}\r\n")
    assert [document.spot("b"), document.spot("c", "d")] == [Spot(2, 1), Spot(3, 5)]


def test_a_bomb_is_refused_before_it_goes_off() -> None:
    """Aliases of aliases are counted at their full size: a billion laughs need no memory."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]" for level in range(1, 12)]
    begun = time.monotonic()
    with pytest.raises(Malformed, match="holds more than 200000 values"):
        read_yaml("\n".join(lines))
    assert time.monotonic() - begun < 20


def test_a_document_at_its_bounds_is_read_and_one_beyond_is_not() -> None:
    """Nesting and number of values, each to the last one."""
    assert read_yaml("[" * DEEPEST + "]" * DEEPEST).data
    with pytest.raises(Malformed, match="100 levels"):
        read_yaml("[" * (DEEPEST + 1) + "]" * (DEEPEST + 1))
    ten = "a: &a [" + "x," * 999 + "]\nb: [" + "*a," * 198 + "]\n"
    assert read_yaml(ten).data
    with pytest.raises(Malformed, match=str(LARGEST)):
        read_yaml(ten.replace("*a,]", "*a,*a,*a]"))


@pytest.mark.parametrize("text", ["1" * 401, "-" + "9" * 5000, "1" * 399 + ".5" * 3])
def test_numbers_that_nobody_means_stay_texts(text: str) -> None:
    """Thousands of digits are no number, and no error."""
    assert plain(text) == text


def test_numbers_of_floating_point_are_read_as_such() -> None:
    """Infinity and what is not a number among them."""
    assert plain("-.inf") == float("-inf")
    assert plain("1e400") == float("inf")
    assert plain(".nan") != plain(".nan")
    assert plain("+12") == 12


def flow(dice: random.Random, depth: int = 0) -> Any:
    """Any value that JSON and YAML read alike."""
    kind = dice.randrange(7 if depth < 4 else 4)
    if kind == 4:
        return [flow(dice, depth + 1) for _ in range(dice.randrange(4))]
    if kind > 4:
        return {f"k{number}": flow(dice, depth + 1) for number in range(dice.randrange(4))}
    return (
        None,
        dice.random() < 0.5,
        dice.randint(-999, 999),
        dice.choice(["", "on", "1", "a: b", "#c", "\u00e9\n", "*x"]),
    )[kind]


def test_property_json_is_yaml() -> None:
    """Whatever JSON says, YAML says the same."""
    dice = random.Random(11)
    for _ in range(400):
        data = flow(dice)
        assert read_yaml(json.dumps(data)).data == data


def test_property_what_a_writer_of_yaml_writes_comes_back() -> None:
    """In block and in flow style, with the anchors that it sets; and each key's place holds that key."""
    dice = random.Random(12)
    for number in range(300):
        shared = flow(dice)
        data = {"a": flow(dice), "b": [shared, shared], "c": shared}
        text = yaml.safe_dump(data, default_flow_style=number % 2 == 0, allow_unicode=True, width=10_000)
        document = read_yaml(text)
        assert document.data == data, text
        lines = text.split("\n")
        for path, spot in placed(document.places).items():
            if isinstance(path[-1], str):
                assert lines[spot.line - 1][spot.column - 1 :].startswith((path[-1], "? ", "&", "*")), (text, path)
