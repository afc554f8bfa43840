"""The words that every report uses, and foreign text made harmless.

What a report quotes comes out of repositories: names of files, values of YAML. It may hold escape sequences of a
terminal, characters that turn the reading direction, half a surrogate pair, or what the runner takes for a command.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from chittyactions.compliance.fail_on import BAD, Decision, worst_first
from chittyactions.compliance.model import Checked, Finding, Need, Outcome, Verdict
from chittyactions.compliance.settings import FILE
from chittyactions.errors import DOCS

WORDS = {
    Outcome.PASS: "passes",
    Outcome.FAIL: "fails",
    Outcome.WAIVED: "waived",
    Outcome.NOT_APPLICABLE: "not applicable",
    Outcome.NOT_EVALUATED: "not evaluated",
    Outcome.UNKNOWN: "unknown",
    Outcome.ERROR: "cannot be checked",
}

NEEDS = {Need.REQUIRED: "required", Need.OPTIONAL: "optional", Need.NOT_APPLICABLE: "not applicable"}

UNSETTLED = (Outcome.UNKNOWN, Outcome.NOT_EVALUATED)

SECURITY = "Security"
"""The heading of what is reported apart."""

NO_DUTY = "reported apart: it counts in no score, and fails nothing"

MOST_NAMES = 20
"""Of checks, in one sentence."""

WARNED = (
    f"This only warns as long as the repository has no {FILE} and its caller sets no input that is new in v2; "
    "with fail_on: required it fails."
)
"""Why a run that would fail does not."""

_BREAKS = re.compile(r"\s*[\t\n\v\f\r\x85\u2028\u2029]\s*")
_RAW_IN_JSON = re.compile("[\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


def visible(text: str) -> str:
    """The same text with every character that shows nothing, or does something, written as its escape."""
    return "".join(one if one.isprintable() else _escape(one) for one in text)


def line(text: str, longest: int = 0) -> str:
    """Text on one line, of at most `longest` characters where that is said."""
    plain = visible(_BREAKS.sub(" ", text.strip()))
    return plain if not longest or len(plain) <= longest else plain[: longest - 1] + "…"


def block(text: str) -> list[str]:
    """The lines of text that is to be pasted; tabs stay."""
    return ["\t".join(visible(part) for part in one.split("\t")) for one in re.split(r"\r\n|\r|\n", text.rstrip())]


def dumped(document: Any) -> str:
    """JSON that any parser reads, and no terminal or runner obeys: what they could act on is written as an escape."""
    return harmless(json.dumps(document, indent=2, ensure_ascii=False)) + "\n"


def harmless(text: str) -> str:
    """The same for JSON that is text already, or a piece of it."""
    text = text.encode("utf-8", "replace").decode("utf-8")
    return _RAW_IN_JSON.sub(lambda found: f"\\u{ord(found[0]):04x}", text).replace("##[", "#\\u0023[")


def plural(count: int, one: str, many: str = "") -> str:
    """`1 finding`, `2 findings`."""
    return f"{count} {one if count == 1 else many or one + 's'}"


def headline(verdict: Verdict, decision: Decision) -> str:
    """What came of it, in one sentence without its full stop."""
    name = line(verdict.service.name, 100) or "The repository"
    if decision.fails:
        return f"{name} fails {plural(len(decision.counting), 'check')}"
    if decision.would_fail:
        return f"{name} would fail {plural(len(decision.counting), 'check')}, and is only warned"
    if verdict.outcome is Outcome.FAIL:
        return f"{name} fails {plural(verdict.count(*BAD), 'required check')}, and fail_on does not count that"
    if verdict.outcome is Outcome.UNKNOWN:
        return (
            f"{name} fails nothing, but {plural(verdict.count(Outcome.UNKNOWN), 'required check')} could not be settled"
        )
    if verdict.score is None:
        return f"{name}: no required check was evaluated"
    waived = verdict.count(Outcome.WAIVED)
    return f"{name} passes, with {plural(waived, 'required check')} waived" if waived else f"{name} passes"


def names_of(decision: Decision, shown: Callable[[str], str] = str) -> str:
    """The checks that fail the run, or would: not more than a sentence holds, each as `shown` writes it."""
    names = [shown(one.id) for one in decision.counting[:MOST_NAMES]]
    left_out = len(decision.counting) - len(names)
    return ", ".join([*names, f"and {left_out} more"] if left_out else names)


def share(verdict: Verdict) -> str:
    """`92 %`, or that there is nothing to be a share of."""
    return "no score" if verdict.score is None else f"{verdict.score} %"


def score_of(verdict: Verdict) -> str:
    """`Score: 92 % (11 of 12 required checks)`."""
    whole = verdict.count(Outcome.PASS, Outcome.FAIL, Outcome.WAIVED, Outcome.ERROR)
    if not whole:
        return "Score: none, since no required check was evaluated"
    return f"Score: {share(verdict)} ({verdict.count(Outcome.PASS)} of {plural(whole, 'required check')})"


def passed_of(verdict: Verdict, dimension: str) -> str:
    """`1 of 2`: the checks of a dimension that passed, of those that came to something."""
    checks = [one for one in verdict.checks if one.dimension == dimension and one.outcome not in _NOTHING]
    return f"{sum(one.outcome is Outcome.PASS for one in checks)} of {len(checks)}" if checks else "-"


def failed(verdict: Verdict, *, apart: bool = False) -> list[Checked]:
    """The checks that failed or could not be made, the worst first: those that are reported apart, or the others."""
    return worst_first(one for one in verdict.checks if one.outcome in BAD and one.apart is apart)


def security_of(verdict: Verdict) -> str:
    """`3 of 12 checks fail` of those that are reported apart; "" where there are none."""
    whole = sum(one.apart for one in verdict.checks)
    return f"{len(failed(verdict, apart=True))} of {plural(whole, 'check')} fail" if whole else ""


def findings(checks: Iterable[Checked]) -> Iterator[tuple[Checked, Finding]]:
    """Every finding with its check; a check that found no words stands for itself."""
    for check in checks:
        told = check.findings or (Finding(check.reason or f"{check.title}: {WORDS[check.outcome]}.", ""),)
        yield from ((check, finding) for finding in told)


def weight(check: Checked) -> str:
    """`high, required`."""
    standing = "advisory" if check.advisory else "required" if check.required else "not required"
    return f"{check.severity.value}, {standing}"


def lapsed(check: Checked) -> str:
    """That a waiver has expired, or ""."""
    if not check.waiver or check.outcome is Outcome.WAIVED:
        return ""
    return f"Its waiver expired on {check.waiver.expires.isoformat()} (owner: {line(check.waiver.owner, 100)})."


def leave(check: Checked) -> str:
    """The waiver that holds, in a sentence."""
    waiver = check.waiver
    if not waiver:
        return ""
    return f"until {waiver.expires.isoformat()}, {line(waiver.owner, 100)}: {line(waiver.reason, 300)}"


def place(finding: Finding) -> str:
    """`path:line:column` as far as it is known, or ""."""
    numbers = [str(number) for number in (finding.line, finding.column if finding.line else 0) if number]
    return ":".join([visible(finding.path), *numbers]) if finding.path else ""


def address(check: Checked) -> str:
    """Of the documentation of a check, or ""."""
    return DOCS + check.docs if check.docs else ""


_NOTHING = (Outcome.NOT_APPLICABLE, *UNSETTLED)


def _escape(character: str) -> str:
    number = ord(character)
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
