"""The hidden line: what is written is read again, and nothing else is."""

from __future__ import annotations

import pytest

from chittyactions.compliance.remediation.fingerprint import Mark, digest, line_of, read_mark, told_line

MARK = Mark("chittyos/auth", 3, "0123456789ab", {"chittycanon.codeowners": "abcdef012345", "x.y": "00"})


@pytest.mark.parametrize(
    "mark",
    [
        MARK,
        Mark("acme/--> <!-- a b", 1, "", {}),
        Mark("acme/ümläut\n\u202e\ud800", 2, "ff", {"own:check,-->": "aa", "": "bb"}),
    ],
)
@pytest.mark.parametrize("end", ["", "\nText", "\r\nText"])
def test_what_is_written_is_read(mark: Mark, end: str) -> None:
    """Whatever names hold, and however GitHub ends its lines; the comment is one line and ends where it ends."""
    line = line_of(mark)
    assert read_mark(line + end) == mark
    assert (line.count("-->"), line.count("<!--"), "\n" in line) == (1, 1, False)


@pytest.mark.parametrize(
    "body",
    [
        None,
        "",
        "A text",
        f"Text first {line_of(MARK)}",
        f"```\n{line_of(MARK)}\n```\n",
        f"Text\n\n~~~~ html\n~~~\n{line_of(MARK)}",
        f"> {line_of(MARK)}",
        f" {line_of(MARK)}",
        f"{line_of(MARK)} and more",
        line_of(MARK).replace("issue:1", "issue:2"),
        line_of(MARK).replace("revision=3", "revision=-3"),
    ],
)
def test_what_is_no_mark(body: str | None) -> None:
    """It stands alone in its line, and neither in a quote nor in a fence."""
    assert read_mark(body) is None


OTHER = Mark("chittyos/web", 1, "", {})


@pytest.mark.parametrize(
    "body",
    [
        f"A note of Ann's.\n\n{line_of(MARK)}\nText",
        f"A note.\r\n{line_of(MARK)}\r\n",
        f"{line_of(MARK)}\n{line_of(OTHER)}",
        f"```sh\nls\n```\n{line_of(MARK)}\n{line_of(OTHER)}",
        f"~~~\n```\n{line_of(OTHER)}\n~~~\n{line_of(MARK)}",
        f"```` `\n{line_of(MARK)}",
    ],
)
def test_a_person_may_write_above_it(body: str) -> None:
    """The first one counts, wherever it stands."""
    assert read_mark(body) == MARK


def test_a_comment_has_a_line_for_each_revision_and_what_is_told() -> None:
    """What is told once is told again only for another text; and no comment's line is an issue's."""
    second = Mark(MARK.service, 4, MARK.digest, MARK.checks)
    lines = {told_line(MARK, ["a"]), told_line(MARK, ["b"]), told_line(second, ["a"])}
    assert len(lines) == 3
    assert [read_mark(one) for one in lines] == [None] * 3


def test_a_digest_tells_values_apart() -> None:
    """By content, not by the order of their keys; half a surrogate pair is no reason to fail."""
    assert digest({"a": 1, "b": [2]}) == digest({"b": [2], "a": 1})
    values: list[object] = [{"a": 1}, {"a": 2}, [], "", "\ud800"]
    assert len({digest(one) for one in values}) == 5
