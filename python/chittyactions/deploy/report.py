"""The outcome as a person reads it: the job summary and the pull request's comment, in Markdown."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from chittyactions.deploy.outcome import Outcome
from chittyactions.deploy.situation import Way
from chittyactions.deploy.traffic import described

LONGEST = 400
"""Characters of one cell."""

MOST_BYTES = 1 << 40
"""Of a bundle. The size before comes from a version's message, which anybody may have written."""


def cell(text: str) -> str:
    """Text in a table: one line, and nothing in it acts as Markdown's table or HTML."""
    line = " ".join(text.split())
    line = line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"
    return line.replace("&", "&amp;").replace("<", "&lt;").replace("|", "\\|")


def table(rows: list[tuple[str, str]]) -> str:
    """Two columns; rows without a value are left out."""
    body = [f"| {cell(name)} | {cell(value)} |" for name, value in rows if value]
    return "\n".join(["| | |", "|---|---|", *body])


def summary(outcome: Outcome, who: Mapping[str, str]) -> str:
    """The job summary. `who` are further rows about the run (actor, workflow …)."""
    rows = [
        ("Worker", f"{outcome.script} ({outcome.environment})"),
        ("Commit", _commit(outcome)),
        *who.items(),
        ("Version", outcome.version_id),
        ("Before", described(outcome.before) if outcome.before else "nothing: first deploy"),
        ("Serves now", described(outcome.serves) if outcome.serves else ""),
        ("Address", outcome.deployment_url),
        ("Preview", outcome.preview_url),
        ("Health", _health(outcome)),
        ("Rolled back", _rolled_back(outcome)),
        ("Triggers", ", ".join(outcome.triggers)),
        ("Bundle", size(*outcome.sizes)),
    ]
    parts = [f"### {_mark(outcome)} {_headline(outcome)}", table(rows)]
    if outcome.failure:
        parts.append("\n\n".join(cell(text) for text in (outcome.failure.what, outcome.failure.why) if text))
        if outcome.failure.fix:
            parts.append(f"**Fix:** {cell(outcome.failure.fix)}")
    if outcome.steps:
        lines = [f"| {cell(s.name)} | {cell(s.result)} | {s.seconds:.1f} |" for s in outcome.steps]
        parts.append("\n".join(["| Step | Result | Seconds |", "|---|---|---:|", *lines]))
    parts += [f"- {cell(note)}" for note in outcome.notes]
    return "\n\n".join(parts) + "\n"


def marker(outcome: Outcome) -> str:
    """The line by which the comment of this service and environment is found again."""
    return f"<!-- chittyops:worker-deploy:{outcome.service}:{outcome.environment} -->"


def comment(outcome: Outcome, run_url: str) -> str:
    """The pull request's comment."""
    rows = [
        ("Preview", outcome.preview_url),
        ("Address", outcome.deployment_url),
        ("Version", outcome.version_id),
        ("Commit", _commit(outcome)),
        ("Health", _health(outcome)),
        ("Rolled back", _rolled_back(outcome)),
        ("Bundle", size(*outcome.sizes)),
    ]
    parts = [marker(outcome), f"### {_mark(outcome)} {_headline(outcome)}", table(rows)]
    if outcome.failure:
        parts.append(cell(outcome.failure.what))
    return "\n\n".join([*parts, f"[Run]({run_url})"]) + "\n"


def withheld(outputs: Mapping[str, str], redact: Callable[[str], str]) -> list[str]:
    """A warning for each output that holds a masked value: GitHub drops it, and says so in the job's log alone."""
    return [
        f"The output {name} holds the value of a secret, so GitHub hands it to no later job and no environment. Keep "
        "what is no secret, such as an address, out of WORKER_SECRETS: the config's vars are the place for it."
        for name, value in outputs.items()
        if redact(value) != value
    ]


def size(now: int, before: int) -> str:
    """`12.3 KiB (+0.4 KiB)`; "" when it is not known. What no bundle can have counts as not known."""
    now, before = (count if 0 < count <= MOST_BYTES else 0 for count in (now, before))
    if not now:
        return ""
    change = ""
    if before:
        difference = now - before
        change = f" ({'+' if difference > 0 else '-'}{_bytes(abs(difference))})" if difference else " (as before)"
    return _bytes(now) + change


def _bytes(count: int) -> str:
    if count < 1024:
        return f"{count} B"
    return f"{count / 1024:.1f} KiB" if count < 1024 * 1024 else f"{count / 1024 / 1024:.2f} MiB"


def _commit(outcome: Outcome) -> str:
    return f"{outcome.commit[:12]} ({outcome.order})" if outcome.order else outcome.commit[:12]


def _mark(outcome: Outcome) -> str:
    return "❌" if outcome.failure else "✅"


def _headline(outcome: Outcome) -> str:
    name = f"{outcome.service} ({outcome.environment})"
    if outcome.failure:
        return f"{name} was not deployed" + (": rolled back" if outcome.rolled_back else "")
    if outcome.dry_run:
        return f"{name}: dry run, nothing was changed"
    how = " for the first time" if outcome.way is Way.FIRST else ""
    return f"{name} is deployed{how}"


def _health(outcome: Outcome) -> str:
    if outcome.failed_gate:
        return f"new version: {outcome.failed_gate.answer}"
    if outcome.health:
        return str(outcome.health)
    return "not asked" if outcome.version_id and not outcome.failure else ""


def _rolled_back(outcome: Outcome) -> str:
    if not outcome.rolled_back:
        return ""
    return f"yes; it answers {outcome.restored_answer}" if outcome.restored_answer else "yes"
