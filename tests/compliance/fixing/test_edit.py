"""Fields are added to a YAML file, and nothing else of it changes by a byte."""

from __future__ import annotations

import difflib
import io
import random
from typing import Any

import pytest
from ruamel.yaml import YAML

from chittyactions.compliance.fixing.edit import LONGEST, CannotAdd, add_field
from chittyactions.compliance.yaml_text import read_yaml

PROVISIONS = ["chitty_id", "service_token", "certificate", "trust_chain"]
NAME = ("service", "name")
ASKED = ("onboarding", "provisions")


def added(before: str, after: str) -> list[str]:
    """The lines that are new; fails where one is gone or another."""
    changes = list(difflib.ndiff(before.splitlines(keepends=True), after.splitlines(keepends=True)))
    assert [one for one in changes if one.startswith("-")] == []
    return [one[2:] for one in changes if one.startswith("+")]


def test_a_key_goes_behind_those_of_its_table() -> None:
    """In the file's own indentation, with every comment, quote and blank line where it was."""
    text = "# top\nservice:\n    \"name\": 'hello'   # quoted\n\n    tier: 3\n\n# of onboarding\nonboarding: {}\n"
    after = add_field(text, ("service", "domains", "production"), "a.chitty.cc")
    assert after == text.replace("    tier: 3\n", "    tier: 3\n    domains:\n        production: a.chitty.cc\n")


def test_a_top_level_key_goes_to_the_end_with_a_blank_line_where_others_have_one() -> None:
    """It looks as if its author had written it."""
    airy = "service:\n  name: a\n\nonboarding:\n  endpoint: b\n"
    assert add_field(airy, ("auth", "provider"), "chittyauth") == f"{airy}\nauth:\n  provider: chittyauth\n"
    tight = "service:\n  name: a\nonboarding:\n  endpoint: b\n"
    assert add_field(tight, ("auth", "provider"), "chittyauth") == f"{tight}auth:\n  provider: chittyauth\n"


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "# nothing yet", "---\n"])
def test_a_file_that_says_nothing_gets_its_first_key(text: str) -> None:
    """Its comments stay."""
    after = add_field(text, NAME, "hello")
    assert after == f"{text}{'' if text.endswith(chr(10)) or not text else chr(10)}service:\n  name: hello\n"


def test_a_file_without_a_last_line_feed_keeps_its_last_line() -> None:
    """The new key does not end up on it."""
    assert add_field("service:\n  tier: 3", NAME, "hello") == "service:\n  tier: 3\n  name: hello\n"


def test_crlf_stays_crlf() -> None:
    """New lines end as the others do."""
    text = "service:\r\n  tier: 3\r\nauth:\r\n  provider: x\r\n"
    assert add_field(text, NAME, "a") == "service:\r\n  tier: 3\r\n  name: a\r\nauth:\r\n  provider: x\r\n"


def test_a_key_without_a_value_gets_it() -> None:
    """`name:` with nothing behind it is missing its value; what stands behind it stays."""
    text = "service:\n  name: # ask Ann\n  tier: 3\nonboarding:\n"
    assert add_field(text, NAME, "hello") == text.replace("name: #", "name: hello #")
    assert add_field(text, ("onboarding", "endpoint"), "https://x.y/z") == f"{text}  endpoint: https://x.y/z\n"


@pytest.mark.parametrize(
    "text, path, value, after",
    [
        ("service: {tier: 3}\n", NAME, "a", "service: {tier: 3, name: a}\n"),
        ("service: {}\n", NAME, "a", "service: {name: a}\n"),
        ("{service: {tier: 3}}", NAME, "a", "{service: {tier: 3, name: a}}"),
        ("{tier: 3}", NAME, "a", "{tier: 3, service: {name: a}}"),
        ("service: {name: }\n", NAME, "a", "service: {name: a }\n"),
        ("service: {\n  tier: 3, # low\n}\n", NAME, "a", "service: {\n  tier: 3, name: a, # low\n}\n"),
        ("a: [b]\n", ("a",), ["b", "c"], "a: [b, c]\n"),
        ("a: []\n", ("a",), ["b", "c"], "a: [b, c]\n"),
        ("a: [b,]\n", ("a",), ["b", "c"], "a: [b, c,]\n"),
        ("a: {b: true}\n", ("a",), ["b", "c"], "a: {b: true, c: true}\n"),
    ],
)
def test_flow_style_stays_flow_style(text: str, path: tuple[str, ...], value: Any, after: str) -> None:
    """What is between brackets is added to between brackets."""
    assert add_field(text, path, value) == after


def test_a_list_gets_the_items_that_it_lacks() -> None:
    """At its own indentation, behind its last item, and once only."""
    for indent in ("", "  ", "      "):
        text = f"onboarding:\n  provisions:\n  {indent}- chitty_id # first\n  {indent}- other\n  endpoint: x\n"
        after = add_field(text, ASKED, PROVISIONS)
        new = "".join(f"  {indent}- {one}\n" for one in PROVISIONS[1:])
        assert after == text.replace(f"  {indent}- other\n", f"  {indent}- other\n{new}")
        assert add_field(after, ASKED, PROVISIONS) == after


def test_a_mapping_gets_the_switches_that_it_lacks() -> None:
    """`provisions` as a mapping keeps being one."""
    text = "onboarding:\n  provisions:\n    chitty_id: true\n    service_token: { scope: all }\n"
    assert added(text, add_field(text, ASKED, PROVISIONS)) == ["    certificate: true\n", "    trust_chain: true\n"]


@pytest.mark.parametrize(
    "text, path, value, reason",
    [
        ("service: hello\n", NAME, "a", "service is no table, so that name cannot stand below it"),
        ("service:\n  name: b\n", NAME, "a", "service.name is there already, with another value"),
        ("service:\n  name: ~\n", NAME, "a", "service.name is '~' there"),
        ("- a\n", NAME, "a", "it is no table of settings"),
        ("a: {b\n", NAME, "a", "it cannot be read: line "),
        ("name: {{ service }}\n", NAME, "a", "it cannot be read: line "),
        ("a: 1\na: 2\n", NAME, "a", "it cannot be read: line 2, column 1: the key a stands twice"),
        ("onboarding: {provisions: all}\n", ASKED, PROVISIONS, "onboarding.provisions is neither a list nor a table"),
        (
            "onboarding: {provisions: {certificate: false}}\n",
            ASKED,
            PROVISIONS,
            "certificate of onboarding.provisions is switched off there",
        ),
        ("a: &a {tier: 3}\nservice: *a\n", NAME, "x", "service is an alias of something else"),
        ("service: &a {tier: 3}\nother: *a\n", NAME, "x", "there is no place for it that leaves all else as it is"),
    ],
)
def test_what_would_change_something_is_not_done(text: str, path: tuple[str, ...], value: Any, reason: str) -> None:
    """A value that is there is never changed, nor one elsewhere; the reason says what is in the way."""
    with pytest.raises(CannotAdd) as told:
        add_field(text, path, value)
    assert str(told.value).startswith(reason)


def test_a_block_of_text_at_the_end_stays_whole() -> None:
    """A block scalar ends where its text ends, blank lines behind it aside."""
    text = "service:\n  about: |\n    First.\n\n    Second.\n\nauth:\n  provider: x\n"
    assert add_field(text, NAME, "a") == text.replace("    Second.\n", "    Second.\n  name: a\n")
    kept = "service:\n  about: |+\n    First.\n\nauth: x\n"
    with pytest.raises(CannotAdd):
        add_field(kept, NAME, "a")


def test_an_alias_as_the_last_value_does_not_mislead() -> None:
    """The new key goes below the alias, and not to where its anchor stands."""
    text = "a: &a\n  b: 1\nservice:\n  tier: 3\n  more: *a # as above\nauth:\n  provider: x\n"
    assert add_field(text, NAME, "a") == text.replace("above\n", "above\n  name: a\n")


def test_the_indentation_is_taken_from_a_table_that_has_one() -> None:
    """A table between brackets, or an empty one, says nothing of how far the file indents."""
    text = "a: {b: 1}\nc: {}\nd: e\nf:\n   g: 1\n"
    assert add_field(text, ("auth", "provider"), "x") == f"{text}auth:\n   provider: x\n"


def test_long_lines_tabs_and_odd_spacing_stay() -> None:
    """No line is wrapped, and no blank moved."""
    text = f"service   :\n    tier:     3\t# tab\n    about:   {'word ' * 80}\n    list: [a,b ,  c]\n"
    assert added(text, add_field(text, NAME, "a")) == ["    name: a\n"]


def test_a_document_end_stays_the_end() -> None:
    """What is added stands above `...`."""
    assert add_field("---\nservice:\n  tier: 3\n...\n", NAME, "a") == "---\nservice:\n  tier: 3\n  name: a\n...\n"


def test_a_bomb_is_not_gone_into() -> None:
    """Aliases that double twenty times end with a reason, at once."""
    text = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 21))
    with pytest.raises(CannotAdd, match="it holds more than"):
        add_field(text, NAME, "a")


def test_a_file_that_is_too_long_is_left() -> None:
    """Nobody's settings have so much in them, and taking it apart would take long."""
    text = "service:\n  tier: 3\n"
    assert add_field(f"{text}#{'x' * (LONGEST - len(text) - 1)}", NAME, "a")
    with pytest.raises(CannotAdd, match="it is too long to be edited"):
        add_field(f"{text}#{'x' * (LONGEST - len(text))}", NAME, "a")


# -- property: whatever the file looks like, it is added to and else untouched, or refused ----------------------------


def some_value(dice: random.Random, depth: int) -> Any:
    """A value as files hold them."""
    kind = dice.randrange(7 if depth else 4)
    if kind < 4:
        return dice.choice(["a", "two words", "3", 3, True, "https://x.y/z", "it's", "#no", "", "multi\nline\n"])
    if kind == 4:
        return [some_value(dice, depth - 1) for _ in range(dice.randrange(3))]
    return {dice.choice("abcdefg"): some_value(dice, depth - 1) for _ in range(dice.randrange(4))}


def some_yaml(dice: random.Random, data: dict[str, Any]) -> str:
    """A text that says `data`, in a style of chance: indentation, flow, quotes, comments, blank lines, line ends."""
    import yaml

    text = yaml.safe_dump(
        data,
        sort_keys=False,
        indent=dice.choice([2, 4]),
        default_flow_style=dice.choice([None, False, True]),
        default_style=dice.choice([None, None, "'"]),
        width=dice.choice([20, 80]),
    )
    lines = []
    for line in text.splitlines():
        whole = line.strip() and not line.startswith(" ") and ":" in line
        if whole and dice.random() < 0.3:
            lines.append(dice.choice(["# a comment", "", "#"]))
        lines.append(line)
    end = dice.choice(["\n", "\r\n"])
    return end.join(lines) + dice.choice(["", end])


@pytest.mark.parametrize("seed", range(300))
def test_a_file_of_any_shape_is_added_to_or_refused(seed: int) -> None:
    """What comes out says what it said before with the new beside it, and its old text is all there, in order."""
    dice = random.Random(seed)
    data = {dice.choice(["service", "onboarding", "auth", "x", "y"]): some_value(dice, 3) for _ in range(4)}
    text = some_yaml(dice, data)
    path, value = dice.choice([(NAME, "hello"), (ASKED, PROVISIONS), (("auth", "provider"), "chittyauth")])
    before = read_yaml(text).data
    try:
        after = add_field(text, path, value)
    except CannotAdd:
        return
    says = read_yaml(after).data
    assert says[path[0]][path[1]] == value or set(value) <= set(says[path[0]][path[1]])
    assert {key: one for key, one in says.items() if key != path[0]} == {
        key: one for key, one in before.items() if key != path[0]
    }
    rest = iter(after)
    assert all(sign in rest for sign in text)  # a subsequence: nothing is gone or moved


def test_most_files_of_any_shape_can_be_added_to() -> None:
    """Refusing everything would be safe and of no use: where nothing is in the way, three of four are added to."""
    done = 0
    for seed in range(200):
        dice = random.Random(seed)
        data = {dice.choice("xyz"): some_value(dice, 2), "service": {"tier": 3, "a": some_value(dice, 2)}}
        try:
            add_field(some_yaml(dice, data), NAME, "hello")
            done += 1
        except CannotAdd:
            pass
    assert done > 150


@pytest.mark.parametrize(
    "text",
    [
        "# top\nservice:\n  name: 'a'   # quoted\n\n  tier: 3\nonboarding:\n  provisions: [chitty_id]  # one\n",
        "service: {name: a, tier: 3}\nonboarding:\n    provisions:\n    - chitty_id # one\n    # two\n",
        "x: &x {a: 1}\ny: *x\nservice:\n  name: >-\n    a\n    b\nonboarding: {}\n",
    ],
)
def test_ruamel_reads_what_was_added(text: str) -> None:
    """A second YAML 1.2 library, which keeps comments, finds the new fields and every comment of before."""
    after = add_field(add_field(text, ("auth", "provider"), "chittyauth"), ASKED, PROVISIONS)
    reader = YAML()
    data = reader.load(after)
    assert data["auth"]["provider"] == "chittyauth"
    assert list(data["onboarding"]["provisions"]) == PROVISIONS
    assert data["service"] == YAML().load(text)["service"]
    again = io.StringIO()
    reader.dump(data, again)
    assert [one for one in text.split() if one.startswith("#")] == [
        one for one in again.getvalue().split() if one.startswith("#")
    ]
