"""act's stream of JSON as a log that reads like GitHub's: jobs, steps, folded groups, annotations, results."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

_NOISE = ("LocalRepositoryCache ", "Cleaning up ", "Couldn't get a valid docker connection", "[command]")
_MARKS = {"success": "✓", "failure": "✗", "skipped": "·"}
_COLOURS = {"✓": "32", "✗": "31", "·": "2"}
_COMMAND = re.compile(r"::(?P<name>[a-z-]+)(?P<props>[^:]*(?::(?!:)[^:]*)*)?::(?P<text>.*)", re.DOTALL)
_TITLE = re.compile(r"\btitle=(?P<title>[^,]*)")


@dataclass(frozen=True)
class Note:
    """An annotation of a step."""

    level: str
    text: str
    title: str = ""


@dataclass
class Record:
    """What a run said, as far as a caller wants it afterwards.

    Attributes:
        jobs: job → its result.
        steps: (job, step's name, result, seconds), in order, of the jobs' own steps.
        outputs: (job's id, step's id) → its outputs, masked.
        summaries: (job, text) in the order of writing.
        notes: annotations in order.
        problems: what makes this run a failure although act may have exited with 0.
        remarks: what act said of no job, which is why it runs none.
        messages: all that act said of jobs and steps, as it masked it: what GitHub's log would hold, and more.
    """

    jobs: dict[str, str] = field(default_factory=dict)
    steps: list[tuple[str, str, str, float]] = field(default_factory=list)
    outputs: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)
    summaries: list[tuple[str, str]] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)


class Renderer:
    """Takes act's lines one by one; writes the log and keeps the `record`.

    Args:
        write: gets each line of the log, without its end.
        secrets: values that never show; each line of one counts by itself.
        colour: whether the log goes to a terminal.
        verbose: show what groups fold, and act's own remarks.
        compact: leave out indented output, which is detail by this toolkit's custom.
    """

    def __init__(
        self, write: Callable[[str], None], secrets: Iterable[str] = (), *, colour: bool = False,
        verbose: bool = False, compact: bool = False,
    ) -> None:  # fmt: skip
        self.record = Record()
        self._write, self._colour, self._verbose, self._compact = write, colour, verbose, compact
        pieces = {piece for secret in secrets for piece in [secret, *secret.splitlines()] if len(piece) > 3}
        forms = {form for piece in pieces for form in (piece, _json(piece), _json(piece, ascii_only=False))}
        self._secrets = sorted(forms, key=len, reverse=True)
        self._job = ""
        self._folded: dict[str, list[str]] = {}
        self._in_group: set[str] = set()
        self._spoke: set[str] = set()

    def line(self, text: str) -> None:
        """One line of act's standard output or error."""
        try:
            entry = json.loads(text)
        except ValueError:
            entry = None
        if not isinstance(entry, dict):
            self._remark(self._hide(text.rstrip("\r\n")))
            return
        self.record.messages.append(str(entry.get("msg", "")))
        entry = {name: self._hide(value) if isinstance(value, str) else value for name, value in entry.items()}
        self._look_for_problems(str(entry.get("msg", "")))
        if "job" not in entry:
            self._remark(str(entry.get("msg", "")))
        else:
            self._entry(entry)

    def _hide(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return text

    def _look_for_problems(self, message: str) -> None:
        if "Unable to interpolate" in message:
            self.record.problems.append(f"An expression could not be read; GitHub would fail here: {message.strip()}")
        if "Skipping unsupported platform" in message:
            self.record.problems.append(f"A job was skipped, since no runner has its label: {message.strip()}")

    def _remark(self, text: str) -> None:
        self._look_for_problems(text)
        self.record.remarks.append(text)
        if self._verbose and text:
            self._write(self._paint(text, "2"))

    def _entry(self, entry: dict[str, Any]) -> None:
        job, message = str(entry["job"]), str(entry.get("msg", "")).rstrip("\r\n")
        if result := entry.get("jobResult"):
            self.record.jobs[job] = str(result)
            mark = _MARKS.get(str(result), "?")
            self._say(job, self._paint(f"{mark} job {result}", f"1;{_COLOURS.get(mark, '0')}"))
            return
        ids = entry.get("stepID") or []
        result = entry.get("stepResult")
        if result and len(ids) == 1 and entry.get("stage") in ("Main", "Post"):
            self._step_ended(job, entry, str(result))
        elif entry.get("command"):
            self._command(job, str(entry["command"]), message, entry)
        elif entry.get("raw_output"):
            self._output(job, message)
        elif message.lstrip().startswith("⭐ Run Main") and len(ids) == 1:
            self._folded[job] = []
            self._spoke.discard(job)
            self._say(job, self._paint(f"▸ {entry.get('step', '')}", "36"))
        elif entry.get("level") == "error" and not message.startswith("exit status"):
            for line in message.splitlines():
                self._say(job, self._paint(f"  {line}", "31"))
        elif self._verbose and not message.startswith(_NOISE):
            self._say(job, self._paint(f"    {message.strip()}", "2"))

    def _step_ended(self, job: str, entry: dict[str, Any], result: str) -> None:
        seconds = float(entry.get("executionTime") or 0) / 1e9
        name = str(entry.get("step", ""))
        if entry.get("stage") == "Post":
            name = f"Post {name}"
        self.record.steps.append((job, name, result, seconds))
        held = self._folded.pop(job, [])
        self._in_group.discard(job)
        if result == "failure" and not self._compact:
            for line in held:
                self._say(job, line)
        silent = job not in self._spoke
        self._spoke.discard(job)
        if entry.get("stage") == "Post" and result == "success" and silent and not self._verbose:
            return
        mark = _MARKS.get(result, "?")
        self._say(job, self._paint(f"{mark} {name} ({seconds:.1f} s)", _COLOURS.get(mark, "0")))

    def _output(self, job: str, text: str) -> None:
        self._spoke.add(job)
        if self._compact and (text.startswith("  ") or not text.strip()):
            return
        line = f"  │ {text}"
        if job in self._in_group and not self._verbose:
            self._folded.setdefault(job, []).append(line)
        else:
            self._say(job, line)

    def _command(self, job: str, name: str, message: str, entry: dict[str, Any]) -> None:
        ids = [str(part) for part in entry.get("stepID") or []]
        match = _COMMAND.search(message)
        text = match["text"] if match else ""
        if name == "group":
            self._say(job, f"  ▾ {text}")
            self._in_group.add(job)
        elif name == "endgroup":
            self._in_group.discard(job)
        elif name in ("error", "warning", "notice"):
            self._note(job, name, text, match["props"] if match else "")
        elif name == "summary":
            summary = (job, message.partition("Summary - ")[2])
            # act tells a nested step's summary again for the step around it and for its post.
            if summary not in self.record.summaries:
                self.record.summaries.append(summary)
        elif name == "set-output" and len(ids) == 1:
            value = message.partition(f"::set-output:: {entry.get('name')}=")[2]
            self.record.outputs.setdefault((str(entry.get("jobID")), ids[0]), {})[str(entry.get("name"))] = value

    def _note(self, job: str, level: str, text: str, properties: str) -> None:
        title = _TITLE.search(properties)
        note = Note(level, _unescaped(text), _unescaped(title["title"]) if title else "")
        self.record.notes.append(note)
        colour = {"error": "31", "warning": "33", "notice": "34"}[level]
        # A title that only repeats how the text begins is GitHub's, for its list of annotations.
        head = level if note.text.startswith(note.title.rstrip("….")[:40]) else f"{level}: {note.title}"
        text = note.text
        for number, line in enumerate(text.splitlines() or [""]):
            self._say(job, self._paint(f"  {head}: {line}" if number == 0 else f"    {line}", colour))

    def _say(self, job: str, text: str) -> None:
        if job != self._job:
            self._job = job
            self._write("")
            self._write(self._paint(job.replace("/", " / "), "1"))
        self._write(f"  {text}")

    def _paint(self, text: str, colour: str) -> str:
        return f"\x1b[{colour}m{text}\x1b[0m" if self._colour else text


def _json(text: str, *, ascii_only: bool = True) -> str:
    """A text as it stands inside of a JSON string."""
    return json.dumps(text, ensure_ascii=ascii_only)[1:-1]


def _unescaped(text: str) -> str:
    """The text of a workflow command as the runner shows it."""
    for code, character in (("%3A", ":"), ("%2C", ","), ("%0D", "\r"), ("%0A", "\n"), ("%25", "%")):
        text = text.replace(code, character)
    return text
