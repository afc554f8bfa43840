"""JSON, JSON with comments, TOML and front matter as data with places; every reader bounded."""

from __future__ import annotations

import json
import random
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest

from chittyactions.compliance.documents import (
    DEEPEST,
    LARGEST,
    Document,
    Malformed,
    Places,
    Spot,
    front_matter,
    read_json,
    read_jsonc,
    read_toml,
)
from chittyactions.compliance.yaml_text import read_yaml
from compliance.repositories import placed


def spots(document: Document) -> dict[str, tuple[int, int]]:
    """Places by their dotted path."""
    return {".".join(map(str, path)): (spot.line, spot.column) for path, spot in placed(document.places).items()}


def outcome(read: Callable[[str], Document], text: str) -> Document | Malformed:
    """What a reader makes of a text; anything but Malformed comes through."""
    try:
        return read(text)
    except Malformed as error:
        return error


# -- a document --------------------------------------------------------------------------------------------------


def test_a_path_leads_to_its_value_or_to_nothing() -> None:
    """Through mappings and lists; a step that does not fit is no error, and null is a value that is there."""
    document = Document({"a": [{"b": None}, "text"]})
    assert document.get("a", 0) == {"b": None}
    assert document.get("a", 1, 0) is None
    assert document.get("a", 2) is document.get("a", -1) is document.get("x", "y") is None
    assert document.has("a", 0, "b")
    assert document.has()
    assert not document.has("a", 0, "c")
    assert not document.has("a", "b")
    assert not document.has("a", -1)


def test_the_place_of_what_is_missing_is_that_of_what_is_around_it() -> None:
    """A finding points at the nearest thing that is there, at worst at the first line."""
    document = Document({}, Places())
    document.places.put("a", Spot(3, 1)).put("b", Spot(4, 3))
    assert document.spot("a", "b", "c") == Spot(4, 3)
    assert document.spot("a", "x") == Spot(3, 1)
    assert document.spot("x") == document.spot() == Spot(1, 1)


# -- JSON --------------------------------------------------------------------------------------------------------


def test_json_places_are_those_of_keys_and_items() -> None:
    """Lines and columns from 1; signs within texts mislead nobody."""
    text = '{\n  "a": {"b": 1, "c{[\\"": [1, {"d": "x:y,"}]},\n  "e": []\n}\n'
    document = read_json(text)
    assert document.data == json.loads(text)
    assert spots(document) == {
        "a": (2, 3),
        "a.b": (2, 9),
        'a.c{["': (2, 17),
        'a.c{[".1': (2, 30),
        'a.c{[".1.d': (2, 31),
        "e": (3, 3),
    }


@pytest.mark.parametrize(
    "text, spot",
    [
        ("", (1, 1)),
        ("{", (1, 2)),
        ('{\n "a": }', (2, 7)),
        ("{'a': 1}", (1, 2)),
        ('{"a": 1,}', (1, 9)),
        ("[1] 2", (1, 5)),
    ],
)
def test_invalid_json_is_told_with_its_place(text: str, spot: tuple[int, int]) -> None:
    """Line and column, and half a sentence."""
    with pytest.raises(Malformed) as caught:
        read_json(text)
    assert caught.value.spot.line == spot[0]
    assert abs(caught.value.spot.column - spot[1]) <= 1  # Pythons differ by one at a trailing comma
    assert caught.value.reason[0].islower()


@pytest.mark.parametrize("read", [read_json, read_jsonc])
def test_known_jsonc_holds_duplicate_keys_and_the_last_one_counts(read: Callable[[str], Document]) -> None:
    """As npm and wrangler read it."""
    document = read('{"a": 1,\n"a": 2}')
    assert document.data == {"a": 2}
    assert spots(document) == {"a": (2, 1)}


def test_jsonc_holds_urls_comments_and_trailing_commas() -> None:
    """`//` within a text is no comment, and a comma within a text is none; places stay those of the file."""
    text = (
        '// first "quote\n{ /* "a": 1, */\n  "url": "https://a/b", // "x": 1\n  "list": [1, 2, /* c */ ],\n'
        '  "text": ",] /* no */ ,}", /* over\n two lines */ "b": {"c": 1,\n},\n}\n'
    )
    document = read_jsonc(text)
    assert document.data == {"url": "https://a/b", "list": [1, 2], "text": ",] /* no */ ,}", "b": {"c": 1}}
    assert spots(document)["b"] == (6, 15)
    assert spots(document)["b.c"] == (6, 21)


@pytest.mark.parametrize("text", ["{,}", "[,]", "[1,,]", '{"a": 1,,}', "/* never ends", '{"a": "never ends', "{a: 1}"])
def test_jsonc_is_no_looser_than_that(text: str) -> None:
    """What JSON with comments does not allow is malformed."""
    with pytest.raises(Malformed):
        read_jsonc(text)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, "1" * 100_000, "[" * 900 + "]" * 900])
@pytest.mark.parametrize("read", [read_json, read_jsonc, read_yaml, read_toml])
def test_deep_nesting_and_long_numbers_are_refused_or_read(read: Callable[[str], Document], text: str) -> None:
    """Neither ends the process: a document, or a reason."""
    came = outcome(read, text)
    assert came.reason if isinstance(came, Malformed) else came.data is not None


HOSTILE = {
    "escaped quotes": '"' + '\\"' * 400_000,
    "escaped quotes and a lone backslash": '"' + '\\"' * 400_000 + "\\",
    "open comments": "/*" * 400_000,
    "commas": '["' + ", " * 400_000,
    "blanks": 'a="""\n[' + " " * 900_000 + '\n"""',
    "dots": "a" + ".a" * 20_000 + "=1",
    "quotes": "'" * 900_000,
    "anchors": "&a " * 300_000,
    "dashes": "- " * 400_000,
    "braces": "{" * 900_000,
    "question marks": "? " * 400_000,
    "tags": "!" * 900_000 + " a",
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("read", [read_json, read_jsonc, read_yaml, read_toml])
def test_a_hostile_text_is_read_in_bounded_time(read: Callable[[str], Document], name: str) -> None:
    """A file of almost a megabyte is done in seconds, whatever is in it."""
    begun = time.monotonic()
    came = outcome(read, HOSTILE[name])
    assert isinstance(came, Document) or came.reason
    assert time.monotonic() - begun < 20


@pytest.mark.parametrize("read", [read_json, read_jsonc])
def test_a_json_document_at_its_bounds_is_read_and_one_beyond_is_not(read: Callable[[str], Document]) -> None:
    """Nesting and number of values, each to the last one; what is beyond is told at its place."""
    assert read("[" * DEEPEST + "]" * DEEPEST).data
    assert read("[\n" + "1," * (LARGEST - 3) + "1]").data
    for text, reason, spot in (
        ("[" * DEEPEST + "[" + "]" * (DEEPEST + 1), "nested more than 100 levels", (1, 101)),
        ('{"a":' * DEEPEST + "\n[]" + "}" * DEEPEST, "nested more than 100 levels", (2, 1)),
        ("[\n" + "1," * LARGEST + "1]", "more than 200000 values", (2, 2 * LARGEST - 2)),
    ):
        with pytest.raises(Malformed, match=reason) as caught:
            read(text)
        assert caught.value.spot == spot


@pytest.mark.parametrize(
    "read, text",
    [
        (read_json, "[" * 99 + "{" + ", ".join(f'"k{n}": 1' for n in range(20_000)) + "}" + "]" * 99),
        (read_yaml, "[" * 99 + "{" + ", ".join(f"k{n}: 1" for n in range(20_000)) + "}" + "]" * 99),
    ],
)
def test_deep_keys_take_no_more_memory_than_shallow_ones(read: Callable[[str], Document], text: str) -> None:
    """A place costs the same however many things are around it: a file of a megabyte takes no gigabytes."""
    tracemalloc.start()
    try:
        document = read(text)
        assert tracemalloc.get_traced_memory()[1] < 60 * len(text)
    finally:
        tracemalloc.stop()
    assert document.spot(*[0] * 99, "k19999").column > 100


def test_toml_with_many_blanks_is_placed_in_a_line() -> None:
    """Lines of a text that begin like a table's name are passed over as quickly as any other."""
    text = 'a = """\n' + ("[a" + " " * 297 + "\n") * 3_000 + '"""\nb = 1\n'
    begun = time.process_time()
    assert read_toml(text).spot("b") == Spot(3_003, 1)
    assert time.process_time() - begun < 2


def value(dice: random.Random, depth: int = 0) -> Any:
    """Any JSON value."""
    kind = dice.randrange(8 if depth < 4 else 5)
    if kind == 5:
        return [value(dice, depth + 1) for _ in range(dice.randrange(4))]
    if kind > 5:
        return {word(dice): value(dice, depth + 1) for _ in range(dice.randrange(4))}
    return (None, dice.random() < 0.5, dice.randint(-(10**20), 10**20), dice.uniform(-9, 9), word(dice))[kind]


def word(dice: random.Random) -> str:
    """Any text: quotes, escapes, signs of every format, other alphabets."""
    return "".join(dice.choice('ab"\\/*,:{}[]#\n\t \u202f\u00e9\U0001f600-') for _ in range(dice.randrange(6)))


def paths(data: Any, above: tuple[str | int, ...] = ()) -> set[tuple[str | int, ...]]:
    """The path of each key, and of each mapping and list in a list."""
    found: set[tuple[str | int, ...]] = set()
    for step, inner in data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ():
        if isinstance(step, str) or isinstance(inner, (dict, list)):
            found.add((*above, step))
        found |= paths(inner, (*above, step))
    return found


@pytest.mark.parametrize("read", [read_json, read_jsonc])
@pytest.mark.parametrize("indent", [None, 1])
def test_property_any_json_comes_back_with_a_place_for_each_key(
    read: Callable[[str], Document], indent: int | None
) -> None:
    """The data is what json reads, and at each place of a key stands that very key."""
    dice = random.Random(5)
    for _ in range(300):
        data = value(dice)
        text = json.dumps(data, indent=indent, ensure_ascii=dice.random() < 0.5)
        document = read(text)
        assert document.data == data
        assert paths(data) <= set(placed(document.places))
        lines = text.split("\n")
        for path, spot in placed(document.places).items():
            if isinstance(path[-1], str):
                there = lines[spot.line - 1][spot.column - 1 :]
                assert json.JSONDecoder().raw_decode(there)[0] == path[-1]


def test_property_comments_and_commas_change_nothing() -> None:
    """JSON with comments between any two lines, and a comma before each closing bracket, is the same data."""
    dice = random.Random(6)
    for _ in range(300):
        data = [value(dice)]
        lines = json.dumps(data, indent=1).split("\n")
        noise = ["", ' // a "b', ' /* "c": [ */', " /* d\n e */"]
        mixed = "\n".join(line + dice.choice(noise) for line in lines)
        assert read_jsonc(mixed).data == data
        assert read_jsonc(f"{mixed.rstrip()[:-1]},]" if mixed.rstrip().endswith("]") else mixed).data == data


def test_property_any_text_is_read_or_malformed() -> None:
    """No text raises anything but Malformed, in any format, and a malformed one has a place in the text."""
    dice = random.Random(8)
    for _ in range(4000):
        text = "".join(
            dice.choice("ab1\"'\\/*,:{}[]#\n\t =-.&!|>%@`~\x00\x07\ufeff\u2028\u00e9?")
            for _ in range(dice.randrange(25))
        )
        for read in (read_json, read_jsonc, read_toml, read_yaml):
            came = outcome(read, text)
            if isinstance(came, Malformed):
                assert 1 <= came.spot.line <= text.count("\n") + 2, (text, came)
                assert came.spot.column >= 1


# -- TOML --------------------------------------------------------------------------------------------------------


def test_toml_places_are_those_of_tables_and_keys() -> None:
    """As far as a line tells them."""
    document = read_toml(
        'name = "x"\r\n[vars] # c\r\n  A = 1\n[env.production]\nroute = "r"\n[[kv]]\nid = 1\n"q" = 2\n'
    )
    assert spots(document) == {
        "name": (1, 1),
        "vars": (2, 1),
        "vars.A": (3, 3),
        "env.production": (4, 1),
        "env.production.route": (5, 1),
        "kv": (6, 1),
        "kv.id": (7, 1),
        "kv.q": (8, 1),
    }
    assert document.spot("kv", 0, "id") == Spot(6, 1)


@pytest.mark.parametrize("text, line", [("a = \n", 1), ("a = 1\na = 2\n", 2), ("x = 1\n[b\n", 2)])
def test_invalid_toml_is_told_with_its_line(text: str, line: int) -> None:
    """Keys that stand twice among them."""
    with pytest.raises(Malformed) as caught:
        read_toml(text)
    assert caught.value.spot.line == line
    assert "at line" not in caught.value.reason


# -- front matter ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text, expected",
    [
        ("---\na: 1\n---\ntext", ("a: 1", 1)),
        ("--- \r\na: 1\r\nb: 2\r\n---\r\n", ("a: 1\nb: 2", 1)),
        ("---\n...\n", ("", 1)),
        ("---\nnever ends\n", None),
        ("\n---\na: 1\n---\n", None),
        ("----\na: 1\n---\n", None),
        ("", None),
    ],
)
def test_front_matter_stands_between_the_first_two_lines_of_dashes(text: str, expected: tuple[str, int] | None) -> None:
    """Only at the very beginning, and only where it ends."""
    assert front_matter(text) == expected
