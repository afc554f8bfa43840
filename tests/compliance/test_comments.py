"""Sources without their comments: what is left, sign for sign."""

from __future__ import annotations

import pytest

from chittyactions.compliance.comments import without_comments


@pytest.mark.parametrize(
    "text, left",
    [
        ("a; // b\n/* c\n d */ e", "a;     \n    \n      e"),
        ("{/* a */}\n  /* b */", "        }\n         "),
        ("/* `a` $b */ c", "             c"),
        ("// `${a}` b", "           "),
        ("'// a' // b\n", "'// a'     \n"),
        ("/*/ a\nb */ c", "     \n     c"),
        ("a /*/", "a /*/"),
        ("a /* b", "a /* b"),
        ("// `a", "// `a"),
        ("// ${a}", "// ${a}"),
        ("const X = 1;", "const X = 1;"),
    ],
)
def test_a_comment_is_blanked_in_its_place(text: str, left: str) -> None:
    """All else stays as it is: what may stand in a template is no comment, nor one that never ends."""
    assert without_comments("a.ts", text) == left


@pytest.mark.parametrize(
    "text, left",
    [
        ("# a\nb = 1  # c\n", "   \nb = 1     \n"),
        ('"""a\nb"""\nc = 1', "    \n    \nc = 1"),
        ('R"""a"""\nU\'b\'\n', "        \n    \n"),
        ("f'{a}'\nb'c'\n", "f'{a}'\nb'c'\n"),
        ("'a' # b\n# c\n", "       \n   \n"),
        ('# a\n"""b', '   \n"""b'),
        ("a = 'b'\n", "a = 'b'\n"),
    ],
)
def test_a_comment_of_python_is_blanked_in_its_place(text: str, left: str) -> None:
    """A string that is a statement among them, but none in which something is worked out."""
    assert without_comments("a.py", text) == left
