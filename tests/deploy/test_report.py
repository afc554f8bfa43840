"""The outcome as a person reads it, and the secrets that are chosen to travel."""

from __future__ import annotations

import json

import pytest

from chittyactions.deploy.outcome import Outcome
from chittyactions.deploy.report import cell, comment, marker, size, summary
from chittyactions.deploy.secrets import choose, leaves, parse
from chittyactions.deploy.situation import size_in
from chittyactions.ecosystem.cloudflare_answers import Share
from chittyactions.errors import GateError, InputError


def outcome() -> Outcome:
    return Outcome(service="hello", environment="staging", script="hello-staging", commit="c" * 40)


@pytest.mark.parametrize(
    "now, before, shown",
    [(0, 5, ""), (100, 0, "100 B"), (100, 100, "100 B (as before)"), (2048, 1024, "2.0 KiB (+1.0 KiB)"),
     (1024, 1524, "1.0 KiB (-500 B)"), (3 * 1024 * 1024, 0, "3.00 MiB"), (100, 10**400, "100 B"), (10**400, 1, "")],
)  # fmt: skip
def test_sizes(now: int, before: int, shown: str) -> None:
    """The bundle's size and its change, where both are known; a number that is none of a bundle is not."""
    assert size(now, before) == shown


def test_the_size_is_read_from_a_versions_message() -> None:
    """It is written there by the deploy before; other messages have none."""
    assert size_in("chittyops:4711.1.00ff size=1234 gzip=99") == 1234
    assert size_in("fix the bundlesize=7 thing") == 0
    assert size_in("") == 0


def test_text_of_others_stays_text() -> None:
    """No cell breaks the table, or brings HTML into the summary."""
    assert cell("a|b\n<script>") == "a\\|b &lt;script>"
    assert len(cell("x" * 1000)) == 400


def test_a_failure_tells_what_and_how_to_go_on() -> None:
    """The headline says that it was not deployed, the text why, and what to do."""
    done = outcome()
    done.failure = GateError("It is sick.", why="It said so.", fix="Heal it.")
    done.rolled_back = True
    text = summary(done, {"Run": "Deploy by octocat"})
    assert "❌ hello (staging) was not deployed: rolled back" in text
    assert "It is sick.\n\nIt said so." in text
    assert "**Fix:** Heal it." in text
    assert "| Run | Deploy by octocat |" in text


def test_each_environment_has_its_own_comment() -> None:
    """A deploy to staging does not overwrite what was told of production."""
    other = outcome()
    other.environment = "production"
    assert marker(outcome()) != marker(other)
    assert comment(outcome(), "https://run").startswith(marker(outcome()))


def test_the_previous_version_is_the_one_with_the_most_traffic() -> None:
    """Of a split, the one that a person would go back to."""
    done = outcome()
    assert done.outputs()["previous_version_id"] == ""
    done.before = (Share(version_id="a", percentage=30), Share(version_id="b", percentage=70))
    assert done.outputs()["previous_version_id"] == "b"


def test_all_secrets_travel_unless_names_are_given() -> None:
    """Names choose out of what was passed."""
    passed = parse('{"A": "one", "B": "two"}')
    assert choose(passed, ()) == {"A": "one", "B": "two"}
    assert choose(passed, ("B",)) == {"B": "two"}
    assert parse("  ") == {}


@pytest.mark.parametrize("text", ["{", "[]", '"text"', "null", "[" * 100_000])
def test_secrets_that_are_no_object_are_refused_without_a_quote(text: str) -> None:
    """What could not be read may be a secret all the same."""
    with pytest.raises(InputError, match="WORKER_SECRETS is not a JSON object") as caught:
        parse(text)
    assert text not in str(caught.value).replace('{"NAME"', "")


@pytest.mark.parametrize("value", [1, True, None, "", ["x"], {"a": "b"}])
def test_a_secret_is_a_text(value: object) -> None:
    """Anything else would reach the Worker as something that nobody meant."""
    with pytest.raises(InputError, match="something else than text for A"):
        choose({"A": value}, ("A",))


def test_every_leaf_is_masked() -> None:
    """However deep it lies; names and booleans are no secrets."""
    text = json.dumps({"A": "one", "B": {"C": ["two", {"D": 3.5}], "E": True, "F": None}})
    assert list(leaves(parse(text))) == ["one", "two", "3.5"]
