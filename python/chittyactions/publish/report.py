"""The outcome as a person reads it: the job summary in Markdown, the table of the log in plain text."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import shorten

from chittyactions.publish.model import Pointer, Result, Status
from chittyactions.publish.outcome import NAMES, Outcome

LONGEST = 400
"""Characters of one cell."""

MARKS = {
    Status.PUBLISHED: "✅",
    Status.ALREADY: "✅",
    Status.SKIPPED: "⏭️",
    Status.FAILED: "❌",
    Status.UNKNOWN: "❔",
}

RERUN = {
    Status.FAILED: "a rerun tries it again",
    Status.UNKNOWN: "may be out; a rerun looks, and does what is missing",
}
"""What another run of the same release does on a channel, where that is not nothing."""


def cell(text: str) -> str:
    """Text in a table: one line, and nothing in it acts as Markdown's table or HTML."""
    # Between words: half a secret would not be known as one where the summary is masked.
    line = shorten(text, LONGEST, placeholder=" …", break_on_hyphens=False)
    return line.replace("&", "&amp;").replace("<", "&lt;").replace("|", "\\|")


def headline(outcome: Outcome) -> str:
    """What became of the release, in one sentence."""
    name = f"{outcome.release.name} {outcome.release.version}"
    out = listed([NAMES[result.channel] for result in outcome.out])
    if outcome.failed:
        missing = listed([NAMES[r.channel] for r in outcome.failed if r.status is Status.FAILED])
        unknown = listed([NAMES[r.channel] for r in outcome.failed if r.status is Status.UNKNOWN])
        known = [f"is out on {out}"] if out else []
        known += [f"{'not' if out else 'is not out'} on {missing}"] if missing else []
        told = ", ".join(known)
        return f"{name} {told}{', and ' if told and unknown else ''}{f'may be out on {unknown}' if unknown else ''}"
    if outcome.dry_run:
        return f"{name}: dry run, nothing was changed"
    if not out:
        return f"{name}: nothing was asked for" if not outcome.results else f"{name}: nothing was to be done"
    return f"{name} was out already on {out}" if outcome.was_out else f"{name} is out on {out}"


def summary(outcome: Outcome) -> str:
    """The job summary: a row for each channel, then what went wrong with its remedy."""
    release = outcome.release
    mark = "❌" if outcome.failed else "✅"
    files = f"`{cell(release.tarball.name)}`" + (f" and {len(release.files) - 1} more" if release.files[1:] else "")
    parts = [
        f"### {mark} {cell(headline(outcome))}",
        f"Built from `{release.commit[:12]}`: {files}, integrity `{release.integrity}`.",
    ]
    if outcome.results:
        rows = [_row(result) for result in outcome.results.values()]
        parts.append("\n".join(["| Channel | Status | Where | Pointers | |", "|---|---|---|---|---|", *rows]))
    for result in outcome.failed:
        if result.failure:
            told = " ".join(text for text in (result.failure.what, result.failure.why) if text)
            parts.append(f"**{NAMES[result.channel]}:** {cell(told)}")
            if result.failure.fix:
                parts.append(f"**Fix:** {cell(result.failure.fix)}" + _link(result))
    notes = [(result, note) for result in outcome.results.values() for note in result.notes]
    parts += ["\n".join(f"- {NAMES[result.channel]}: {cell(note)}" for result, note in notes)] if notes else []
    return "\n\n".join(parts) + "\n"


def log_table(outcome: Outcome) -> str:
    """The same for the log: one line a channel."""
    rows = [("channel", "status", "where", "")]
    for result in outcome.results.values():
        where = " ".join(result.urls[:1]) or "-"
        rows.append((NAMES[result.channel], result.status.value, where, _remark(result)))
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    return "\n".join("  ".join([*map(str.ljust, row, widths), row[3]]).rstrip() for row in rows)


def pointer(moved: Pointer) -> str:
    """`latest: 1.0.0 → 1.1.0`, or that it stayed and why."""
    before, after = moved.before or "none", moved.after or "none"
    text = f"{moved.name}: {before} → {after}" if before != after else f"{moved.name}: {after}"
    return f"{text} ({moved.why})" if moved.why else text


def listed(names: Sequence[str]) -> str:
    """`npm, R2 and Homebrew`."""
    return " and ".join(part for part in (", ".join(names[:-1]), *names[-1:]) if part)


def _row(result: Result) -> str:
    cells = (
        NAMES[result.channel],
        f"{MARKS[result.status]} {result.status.value}",
        "<br>".join(cell(url) for url in result.urls),
        "<br>".join(cell(pointer(moved)) for moved in result.pointers),
        cell(_remark(result)),
    )
    return "| " + " | ".join(cells) + " |"


def _remark(result: Result) -> str:
    """What is to be known of a channel at a glance: why it is not out, and what a rerun does."""
    said = result.failure.what.rstrip(".") if result.failure else ""
    if not said and result.status is Status.SKIPPED:
        said = "; ".join(moved.why for moved in result.pointers if moved.why)
    return "; ".join(part for part in (said, RERUN.get(result.status, "")) if part)


def _link(result: Result) -> str:
    link = result.failure.link if result.failure else ""
    return f" [More]({link})" if link else ""
