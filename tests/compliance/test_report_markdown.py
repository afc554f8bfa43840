"""The Markdown of comments and job summaries, rendered by GitHub's own renderer, with everything on that it can do."""

from __future__ import annotations

import random
from html.parser import HTMLParser

import pytest
from cmarkgfm import markdown_to_html_with_extensions
from cmarkgfm.cmark import Options

from chittyactions.compliance.fail_on import FailOn
from chittyactions.compliance.model import Finding, Outcome, Verdict
from chittyactions.compliance.reports import markdown, summary
from chittyactions.compliance.reports.markup import LONGEST_FIX, code, fence, fitted, place, text, utf8, utf16
from compliance.verdicts import HOSTILE, check, crowded, decision, hostile, mixed, passing, sparse, verdict

OURS = {"h3", "h4", "p", "table", "thead", "tbody", "tr", "th", "td", "code", "pre", "strong", "em", "a", "ul", "li"}
OURS |= {"details", "summary"}
SOURCE = "https://github.com/chittyos/chittyrouter/blob/1a2b3c4"


class Page(HTMLParser):
    """What a browser would see: elements, links, the text of each element, the cells of each row."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.attributes: set[str] = set()
        self.texts: dict[str, list[str]] = {}
        self.rows: list[int] = []
        self.open: list[str] = []
        extensions = ["table", "autolink", "strikethrough", "tasklist"]
        self.html = markdown_to_html_with_extensions(source, Options.CMARK_OPT_UNSAFE, extensions)
        self.feed(self.html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]
        self.texts.setdefault(tag, []).append("")
        if tag == "tr":
            self.rows.append(0)
        if tag in ("td", "th"):
            self.rows[-1] += 1
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        for tag in set(self.open):
            self.texts[tag][-1] += data


def comment(judged: Verdict) -> str:
    return markdown.render(judged, decision(judged), source=SOURCE, run_url="https://github.com/a/b/actions/runs/1")


def summarised(judged: Verdict) -> str:
    return summary.render(judged, decision(judged), source=SOURCE)


PAGES = [comment, summarised]


@pytest.mark.parametrize("made", PAGES)
@pytest.mark.parametrize("judged", [mixed(), passing(), hostile(), sparse(), crowded(), verdict()])
def test_the_page_renders_as_it_is_meant(made: object, judged: Verdict) -> None:
    """Elements of ours alone, balanced, with every row of a table as wide as its head: foreign text adds nothing."""
    assert callable(made)
    page = Page(made(judged))
    assert set(page.tags) <= OURS
    assert page.open == []
    assert page.attributes <= {"href", "lang", "class"}
    assert set(page.rows) == {5}


@pytest.mark.parametrize("made", PAGES)
def test_links_lead_where_we_say(made: object) -> None:
    """No link of a repository's making: the documentation, the line in the source, and the run."""
    assert callable(made)
    links = Page(made(hostile())).links
    ours = ("https://github.com/chittyos/chittyops/blob/main/docs/", SOURCE + "/a%7Cb%20", "https://github.com/a/b/")
    assert links
    assert [link for link in links if not link.startswith(ours)] == []


@pytest.mark.parametrize(
    "words", [HOSTILE, "# head", "- item", "1. one", "+ x", "=== x", "---", "> quote", "`", "a_b_c"]
)
def test_words_come_out_as_they_went_in(words: str) -> None:
    """Escaped text shows the reader what the repository holds, with what cannot be shown written out."""
    page = Page(f"{text(words)}\n")
    assert page.tags == ["p"]
    shown = words.replace("\n", " ").replace("\x1b", "\\x1b").replace("\u202e", "\\u202e")
    shown = shown.replace("\udc80", "\\udc80").replace("\ud800", "\\ud800").replace("\x00", "\\x00")
    assert page.texts["p"] == [shown.replace("\x9b", "\\x9b")]


@pytest.mark.parametrize("around", ["{}", "see {}.", "({})", "*{}*", "_{}_", "x|{}|", ":{}", "~{}"])
@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/a",
        "HTTP://evil.example",
        "ftp://evil.example/a",
        "www.evil.example",
        "https://github.com/chittyos/x/issues/1",
        "me@evil.example",
        "mailto:me@evil.example",
        "xmpp:me@evil.example/a",
        "me@_.evil",
    ],
)
def test_an_address_in_a_finding_is_no_link(address: str, around: str) -> None:
    """A repository sends nobody anywhere from the bot's comment, and the reader still sees the address as it is."""
    words = around.format(address)
    page = Page(f"{text(words)}\n\n{code(f'{words}|')}\n")
    assert page.links == []
    assert page.texts["p"] == [words, f"{words}|"]


def test_nothing_becomes_a_link_by_its_neighbours() -> None:
    """However schemes, hosts and signs are put together."""
    dice = random.Random(16)
    pieces = ["https", "http", "ftp", ":", "//", "/", "www", ".", "@", "a", "com", "_", "-", "*", "<", ">", " ", "\\"]
    page = Page("\n\n".join(text("".join(dice.choices(pieces, k=12))) for _ in range(400)))
    assert page.links == []


@pytest.mark.parametrize("words", ["plain", "a|b", "a`b", "``", "a\\b", "$x$ _y_ <b>", "| `x` |", "`|"])
def test_code_comes_out_as_it_went_in(words: str) -> None:
    """Also in a table, where a bar ends a cell even within code."""
    page = Page(f"| a | b |\n|---|---|\n| {code(words)} | {code(words)} |\n\n{code(words)}\n")
    assert page.rows == [2, 2]
    assert page.texts["code"] == [words] * 3


@pytest.mark.parametrize("words", ["@chittyos/all", "fixes #1", "chittyos/x#12", "GH-7"])
def test_nobody_is_mentioned_and_no_issue_is_referred_to(words: str) -> None:
    """A name in a file must not send a notification from the bot's comment. GitHub looks at the text between tags."""
    html = Page(text(words)).html
    assert words not in html
    assert words in html.replace("<!-- -->", "")


@pytest.mark.parametrize(
    "path, language", [("a/b.yml", "yaml"), ("CODEOWNERS", ""), ("x.JSON", "json"), ("a.b/c", ""), ("a.zz", "")]
)
def test_a_fix_is_a_block_to_copy(path: str, language: str) -> None:
    """Whole and unchanged, in the language of its file, whatever backticks it holds."""
    lines = "on:\n\tpush: {}\n````\n  # `x` <b>\n"
    page = Page(fence(lines, path))
    assert page.tags == ["pre", "code"]
    assert page.texts["code"] == [lines]
    assert fence(lines, path).startswith(f"`````{language}\n")


def test_a_long_fix_is_cut_and_says_so() -> None:
    """A block of hundreds of lines leaves room for the other findings."""
    shown = fence("x\n" * (LONGEST_FIX + 5)).splitlines()
    assert shown[-2] == "… (5 more lines)"
    assert len(shown) == LONGEST_FIX + 3


def test_a_fix_of_sixty_lines_is_whole() -> None:
    """Nothing is cut where the limit is just reached."""
    assert fence("x\n" * LONGEST_FIX) == "```\n" + "x\n" * LONGEST_FIX + "```"


def test_a_long_text_is_cut_in_a_sentence_and_in_code() -> None:
    """A value of a megabyte is no message."""
    assert text("x" * 1_001) == "x" * 999 + "…"
    assert code("x" * 1_001) == "`" + "x" * 999 + "…`"
    assert code("") == ""


def test_characters_are_counted_as_github_may_count_them() -> None:
    """An emoji is two characters there, at most, and four bytes of a file."""
    assert (utf16("a😀\ud800"), utf8("a😀")) == (4, 5)


def test_the_comment_is_found_again() -> None:
    """One comment a service, by a line that no name can end early."""
    assert comment(mixed()).startswith("<!-- chittyops:compliance-check:chittyrouter -->\n")
    assert markdown.marker(hostile()).count("-->") == 1
    assert markdown.marker(hostile()).endswith(" -->")


def findings(count: int, words: str) -> Verdict:
    return verdict(
        check("a.first", Outcome.FAIL, *(Finding(f"{number} {words}", words) for number in range(count))),
        check("a.unknown", Outcome.UNKNOWN, reason="no answer"),
    )


@pytest.mark.parametrize("words", ["x" * 900, "😀" * 900, "&" * 900])
def test_a_comment_keeps_to_65536_characters_and_says_what_is_cut(words: str) -> None:
    """Known failure 29, text over 65,536 characters: the worst findings stay, a line counts the others."""
    made = comment(findings(300, words))
    assert 40_000 < utf16(made) <= 65_536
    kept = made.count("#### ❌")
    assert f"_{300 - kept} more findings are left out here: the job summary and the JSON report hold them all._" in made
    assert "0 x" in made or "0 😀" in made or "0 &amp;" in made
    assert "Not settled: 1" in made
    assert "[Run](" in made
    assert Page(made).open == []


def test_a_summary_keeps_to_what_github_takes() -> None:
    """GitHub drops a summary of more than 1 MiB whole."""
    made = summarised(findings(3_000, "😀" * 400))
    assert 700_000 < utf8(made) <= 1024 * 1024
    assert "more findings are left out here: the JSON report holds them all." in made


def test_a_page_holds_as_much_as_fits() -> None:
    """At any limit that holds its head: never too long, and one finding more would not have fitted."""
    head, told, tail = ["the head"], [f"finding {number:02d}" for number in range(12)], ["tail", "x" * 80]
    whole = "\n\n".join([*head, *told, *tail]) + "\n"
    for limit in range(70, len(whole) + 1):
        made = fitted(head, told, tail, limit=limit, size=len, elsewhere="elsewhere")
        assert len(made) <= limit
        if limit == len(whole):
            assert made == whole
            continue
        kept = sum(one in made for one in told)
        said = f"_{12 - kept} more findings are left out here: elsewhere._"
        said = said.replace("1 more findings are", "1 more finding is") if kept == 11 else said
        said = "_This is cut short: elsewhere._" if kept == 12 else said
        assert made.startswith("\n\n".join([*head, *told[:kept], said]) + "\n")
        assert made.rstrip().endswith(("tail", "._"))
        assert ("tail" in made) is (limit // 4 >= len("tail") + 2)
        longest = len("_12 more findings are left out here: elsewhere._") - len(said)
        assert kept == 12 or len(made) + longest + len("\n\nfinding 00") > limit


def test_nothing_is_cut_from_a_page_that_fits() -> None:
    """No line about what is left out where nothing is."""
    assert "left out" not in comment(mixed())
    assert "cut short" not in comment(mixed())


def test_a_tail_that_does_not_fit_is_told_as_well() -> None:
    """A thousand waivers do not push the findings out."""
    waived = [check(f"a.w{number}", Outcome.UNKNOWN, reason="y" * 900) for number in range(200)]
    made = comment(verdict(check("a.b", Outcome.FAIL, Finding("x", "y")), *waived))
    assert utf16(made) <= 65_536
    assert "#### ❌" in made
    assert "_This is cut short: " in made


@pytest.mark.parametrize(
    "judged, policy, opted_in, start",
    [
        (mixed(), FailOn.REQUIRED, True, "### ❌ Compliance: chittyrouter fails 2 checks"),
        (mixed(), FailOn.AUTO, False, "### ⚠️ Compliance: chittyrouter would fail 2 checks, and is only warned"),
        (mixed(), FailOn.NONE, True, "### ⚠️ Compliance: chittyrouter fails 2 required checks, and fail\\_on does not"),
        (passing(), FailOn.REQUIRED, True, "### ✅ Compliance: chittyrouter passes"),
        (
            verdict(check("a.b", Outcome.UNKNOWN)),
            FailOn.REQUIRED,
            True,
            "### ❔ Compliance: chittyrouter fails nothing, but 1 required check could not be settled",
        ),
        (
            verdict(check("a.b", Outcome.WAIVED)),
            FailOn.REQUIRED,
            True,
            "### ✅ Compliance: chittyrouter passes, with 1 required check waived",
        ),
        (verdict(), FailOn.REQUIRED, True, "### ✅ Compliance: chittyrouter: no required check was evaluated"),
    ],
)
def test_the_headline_says_what_came_of_it(judged: Verdict, policy: FailOn, opted_in: bool, start: str) -> None:
    """Failing, only warned, not counted, passing, waived and not settled are told apart at the first glance."""
    made = summary.render(judged, decision(judged, policy, opted_in=opted_in))
    assert made.replace("\\_", "_").startswith(start.replace("\\_", "_"))
    assert ("**Would fail:** `chittyconnect.config`, `chittycanon.codeowners`." in made) is (policy is FailOn.AUTO)


def test_a_finding_links_its_line_only_where_the_file_is_there() -> None:
    """What is missing has no line, and a link to it would lead nowhere."""
    made = comment(mixed())
    assert f"[`.chittyconnect.yml:3`]({SOURCE}/.chittyconnect.yml#L3)" in made
    assert "required, `.github/CODEOWNERS`\n" in made
    assert "](" not in place(Finding("x", "y", path="a", line=1), "")
