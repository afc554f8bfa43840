"""What a repository holds can be an attack on whoever reads its report: on a terminal, a runner, a parser."""

from __future__ import annotations

import io
import json
import random
import re
from collections.abc import Callable
from xml.etree import ElementTree as ET

import pytest

from chittyactions.compliance.model import Finding, Outcome, Verdict
from chittyactions.compliance.reports import badge, human, json_report, junit, markdown, sarif, summary
from chittyactions.compliance.reports.annotations import annotate
from chittyactions.compliance.reports.wording import block, line, place, visible
from chittyactions.runner import Runner
from compliance.verdicts import check, decision, hostile, mixed, verdict

RENDERERS: dict[str, Callable[[Verdict], str]] = {
    "human": lambda one: human.render(one, decision(one)),
    "json": json_report.render,
    "sarif": sarif.render,
    "junit": lambda one: junit.render(one, decision(one)),
    "markdown": lambda one: markdown.render(one, decision(one)),
    "summary": lambda one: summary.render(one, decision(one)),
    "badge": lambda one: badge.render(one, decision(one)),
}


@pytest.mark.parametrize("name", RENDERERS)
def test_no_report_acts_on_a_terminal(name: str) -> None:
    """No escape sequence, no control character, nothing that turns the reading direction; and UTF-8 can hold it."""
    made = RENDERERS[name](hostile())
    assert re.findall("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]", made) == []
    assert made.encode("utf-8")


@pytest.mark.parametrize("name", RENDERERS)
def test_no_report_is_obeyed_by_a_runner(name: str) -> None:
    """A runner reads `::command::` at the start of a line, and `##[command]` anywhere in it."""
    made = RENDERERS[name](hostile())
    assert [one for one in made.splitlines() if one.lstrip().startswith("::")] == []
    assert "##[" not in made


@pytest.mark.parametrize("name", RENDERERS)
def test_every_report_ends_in_one_newline(name: str) -> None:
    """Files and terminals both want it."""
    for judged in (mixed(), hostile(), verdict()):
        assert re.search(r"[^\n]\n\Z", RENDERERS[name](judged))


def test_an_annotation_is_one_command() -> None:
    """Whatever the finding says, the runner gets one command of one line with the place that we say."""
    told = annotate(hostile(), decision(hostile()))
    log = io.StringIO()
    runner = Runner({}, log)
    for one in told:
        {"error": runner.error, "warning": runner.warning, "notice": runner.notice}[one.level](
            one.message, title=one.title, file=one.path, line=one.line
        )
    lines = log.getvalue().splitlines()
    assert len(lines) == len(told) > 0
    assert all(re.match(r"::(error|notice) [^:]+::", one) for one in lines)
    assert "\x1b" not in log.getvalue()


def test_colours_come_only_when_asked_for() -> None:
    """A file or a pipe gets none; with the colours taken out both are the same."""
    plain, coloured = (human.render(mixed(), decision(mixed()), colour=colour) for colour in (False, True))
    assert "\x1b" not in plain
    assert "\x1b[31m" in coloured
    assert re.sub(r"\x1b\[\d+m", "", coloured) == plain


def test_a_service_with_nothing_required_has_no_score() -> None:
    """Neither 0 % nor 100 %: the ending says why."""
    ending = human.render(verdict(), decision(verdict())).splitlines()[-1]
    assert ending.endswith("no required check was evaluated. Score: none, since no required check was evaluated.")


@pytest.mark.parametrize(
    "finding, shown",
    [
        (Finding("x", "y", path="a.yml", line=3, column=5), "a.yml:3:5"),
        (Finding("x", "y", path="a.yml", column=5), "a.yml"),
        (Finding("x", "y", line=3, column=5), ""),
    ],
)
def test_a_place_is_as_exact_as_it_is_known(finding: Finding, shown: str) -> None:
    """A column says nothing without its line, and a line nothing without its file."""
    assert place(finding) == shown


@pytest.mark.parametrize(
    "text, shown",
    [
        ("plain ünïcode 日本", "plain ünïcode 日本"),
        ("a\u202fb", "a\\u202fb"),
        ("\x1b[0m", "\\x1b[0m"),
        ("\u0378", "\\u0378"),
        ("\uffff\U0001fbff", "\\uffff\\U0001fbff"),
        ("\U000e0041", "\\U000e0041"),
    ],
)
def test_what_cannot_be_seen_is_written_out(text: str, shown: str) -> None:
    """U+202F in a name looks like a space, and is none."""
    assert visible(text) == shown


def test_a_text_is_one_line() -> None:
    """Line breaks of every kind end nothing; a long text is cut where it is said."""
    assert line(" a\r\n b\u2028c\x85d\te ") == "a b c d e"
    assert line("abcdef", 4) == "abc…"
    assert line("abcd", 4) == "abcd"


def test_a_block_keeps_its_tabs_and_loses_nothing() -> None:
    """What is pasted is what was meant: indentation, tabs, empty lines between."""
    assert block("a:\r\n\tb\n\n  c\x1b\n\n") == ["a:", "\tb", "", "  c\\x1b"]


def test_any_text_makes_every_report() -> None:
    """Whatever characters a finding has, each report is made, its JSON and XML parse, and none acts on a terminal."""
    dice = random.Random(5)
    alphabet = "ab `|\\<>&\"'*_[](){}#@:!~$-+=.\n\r\t\x00\x1b\x7f\x85\xad\u202e\u2028\ud800\udc80\ufeff\uffff😀"
    for _ in range(150):
        words = "".join(dice.choice(alphabet) for _ in range(dice.randrange(1, 40)))
        judged = verdict(check("a.b", Outcome.FAIL, Finding(words, words, words, words, 1, 1, words), title=words))
        made = {name: render(judged) for name, render in RENDERERS.items()}
        assert json.loads(made["json"])
        assert json.loads(made["sarif"])
        assert ET.fromstring(made["junit"]).attrib["failures"] == "1"
        for name, report in made.items():
            assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", report), (name, words)
            assert not re.search(r"(?m)^\s*::|##\[", report), (name, words)
            report.encode("utf-8")
