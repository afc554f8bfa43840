"""What a workflow's step asks of the network: by a client in its shell, by code, or by an action that takes a URL.

Scripts of the repository that a step starts are followed. A URL that is printed, commented out or data is none.
"""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from chittyactions.compliance import mentions, powershell, program_text, programs
from chittyactions.compliance.calls import target
from chittyactions.compliance.clients import CLIENTS, POWERSHELL, Request, asked
from chittyactions.compliance.command import Command
from chittyactions.compliance.facts import NotKnown
from chittyactions.compliance.jobs import earlier, matrix_of, shell_of
from chittyactions.compliance.mentions import Wanted
from chittyactions.compliance.passive import is_passive
from chittyactions.compliance.repository import Repository
from chittyactions.compliance.shell import commands
from chittyactions.compliance.shell_words import Budget
from chittyactions.compliance.starting import POWERSHELL as PWSH
from chittyactions.compliance.starting import PYTHON, SCRIPT, SHELL, SHELLS, Started, Starting, unwrapped
from chittyactions.compliance.step_values import Values
from chittyactions.compliance.workflows import Step

DEEPEST = 4
"""Scripts that start each other."""

_SCRIPTED = "actions/github-script"
_RETRIES = frozenset({"nick-fields/retry", "nick-invision/retry", "wandalen/wretry.action"})
"""Actions that run the shell of their input `command`."""
_LANGUAGES = {"python": PYTHON, "node": SCRIPT, "deno": SCRIPT, "pwsh": PWSH, "powershell": PWSH}
"""How the shell of a step begins whose script is in another language."""
_ITSELF, _ROOT = "", ""
"""The label of the step's own script, which is no file; and the folder that it works in if none is stated."""
_UNSEEN = re.compile(r"\{(?!secrets\.|vars\.)")
"""How a URL begins whose host some file may say."""
_ADDRESS = re.compile(r"\w+://|\{|[\w-]+(?:\.[\w-]+)+(?:[:/]|\Z)|localhost\b|:", re.IGNORECASE)
"""How what may be an address begins, as against an option's value."""
_CONFIG = re.compile(r"-K|--config(?:=.*)?")
"""Options by which curl has addresses from a file."""
_BRINGS = re.compile(r"\b(?:import|require\w*|load|include|exec\w*|spawn\w*|subprocess|system|Popen)\b")
"""What programs bring other code by."""
_SET = re.compile(r"\b([A-Za-z_]\w*)=")
_HANDED = re.compile(r"([A-Za-z_][\w-]*)=(.*)")
_LINE = re.compile(r"\\n|\n")
"""How lines of a file end in the words of `echo` and `printf`."""


@dataclass(frozen=True)
class Reader:
    """Reads steps of one repository. `named` gives variables that no file sets their usual values."""

    repository: Repository
    named: Mapping[str, str]

    def requests(self, step: Step) -> Iterator[Request]:
        """What a step sends. Raises NotKnown where a script that it starts can't be read."""
        for reading in self._readings(step):
            yield from reading.requests()

    def commands(self, step: Step) -> Iterator[Command]:
        """The commands that a step runs, those of the repository's scripts that it starts among them."""
        for reading in self._readings(step):
            if not step.uses:
                yield from (one for one in reading.of_the_step() if isinstance(one, Command))

    def filled(self, step: Step, text: str) -> str:
        """A text with its `${{ … }}` filled in, as far as the files say."""
        return Values(step, self.named).filled(text)

    def asking(self, step: Step, wanted: Sequence[Mapping[str, Any]]) -> Iterator[re.Match[str]]:
        """The URLs of a step's requests that are of `wanted`: of the `host`, `path` and `method` that count.

        Raises NotKnown behind them where none is certain, and nobody can tell of another before it runs. A request of
        that path which is something else for certain settles what the step merely holds.
        """
        doubt, certain, other = "", False, False
        looked = [mentions.wanted(**one) for one in wanted]
        readings = list(self._readings(step))
        for request in chain.from_iterable(reading.requests() for reading in readings):
            for one in looked:
                fits = request.method in ("", one.method or request.method)
                if fits and (found := one.url.fullmatch(request.url)):
                    if request.by:
                        doubt = doubt or f"hands {request.url[:200]} to {request.by[:80]}, which can't be followed"
                    else:
                        certain = True
                        yield found
                elif fits and one.may_be(request.url):
                    doubt = doubt or f"calls {request.url[:200]}, and no file says what host that is"
                else:
                    other = other or bool(one.at_any_host.fullmatch(request.url))
        if not certain and not doubt and not other:
            doubt = next(filter(None, (reading.holds(looked) for reading in readings)), doubt)
        if doubt and not certain:
            raise NotKnown(_of(step, doubt))

    def leading(self, step: Step, wanted: Sequence[Mapping[str, Any]]) -> str:
        """Why a step that asks for none of `wanted` may do so by code that can't be followed; "" where it may not.

        The whole code of the repository may be searched for it: this is for where no step is certain to ask. Raises
        NotKnown where that can't be done.
        """
        looked = [mentions.wanted(**one) for one in wanted]
        readings = list(self._readings(step))
        for request in chain.from_iterable(reading.requests() for reading in readings):
            if any(one.at_any_host.fullmatch(request.url) for one in looked):
                return ""  # it is something else for certain
        said = next(filter(None, (reading.leads_to(looked) for reading in readings)), "")
        return said and _of(step, said)

    def _readings(self, step: Step) -> Iterator[_Reading]:
        budget = Budget()
        handed: dict[str, str] = {}
        for one in earlier(self.repository, step):
            _hands_on(one, self.named, handed, budget)
        for matrix in matrix_of(self.repository, step):
            yield _Reading(self.repository, Values(step, self.named, matrix=matrix, handed=handed, budget=budget))


class _Reading:
    """One reading of a step."""

    def __init__(self, repository: Repository, values: Values) -> None:
        self.repository = repository
        self.step = values.step
        self.values = values
        self.budget = values.budget
        self.starting = Starting(repository, values.step.path)
        self.read: set[tuple[object, ...]] = set()
        self.held: dict[tuple[str, str, str], None] = {}
        """What may be sent, though nobody can tell: the file that it stands in, the text, and the language of code."""
        self.loose = ""
        """What the step does first that can't be followed to its end, such as "starts task sync"."""
        self.followed: set[str] = set()
        """Files that were followed."""

    def holds(self, looked: Sequence[Wanted]) -> str:
        """Where the step itself holds an address of `looked` that it may send; "" where it does not."""
        for path, text, kind in self.held:
            if any(one.stands_in(mentions.bare(text, kind) if kind else text) for one in looked):
                return f"holds the address in {path}, and what it does with it can't be followed"
        return ""

    def leads_to(self, looked: Sequence[Wanted]) -> str:
        """Where the code of the repository holds one, and what the step starts that may be that code."""
        if not self.loose:
            return ""
        path = mentions.everywhere(
            self.repository, self.followed, lambda text: any(one.stands_in(text) for one in looked)
        )
        return f"{self.loose}, which can't be followed, and {path} holds the address" if path else ""

    def requests(self) -> Iterator[Request]:
        step = self.step
        inputs = defaultdict(str, {name: value for name, value in step.inputs.items() if isinstance(value, str)})
        if not step.uses:
            yield from self._sent(self.of_the_step())
        elif step.action == _SCRIPTED:
            yield from self._sent(self._itself(inputs["script"], SCRIPT))
        elif step.action in _RETRIES:
            yield from self._sent(self._itself(inputs["command"]))
        elif step.uses.startswith("docker://"):
            image = re.sub(r"[:@].*", "", step.uses.removeprefix("docker://")).rpartition("/")[2]
            yield from self._sent(self._itself(f"{inputs.get('entrypoint', image)} {inputs['args']}"))
        elif target(self.repository, step.uses) is None:
            self.held.update(((step.path, self.values.filled(text), ""), None) for text in mentions.handed(inputs))
            if "url" in inputs:
                method = inputs["method"].upper()
                yield Request(self.values.filled(inputs["url"]).strip(), method, "" if method else step.action)

    def of_the_step(self) -> Iterator[Command | Request]:
        """What the step's own script runs, and what it starts."""
        step = self.step
        shell = step.shell or shell_of(self.repository, step)
        kind = SHELL
        for begin, of in _LANGUAGES.items():
            if shell.lower().startswith(begin):
                kind = of
        yield from self._itself(step.run, kind, step.directory)

    def _itself(self, text: str, kind: str = SHELL, directory: str = _ROOT) -> Iterator[Command | Request]:
        """What a script that stands in the step runs, and what it starts."""
        script = Started(_ITSELF, self.values.filled(text), kind, None, self.values.filled(directory))
        yield from self._run(script, frozenset(), {})

    def _sent(self, found: Iterator[Command | Request]) -> Iterator[Request]:
        for one in found:
            if isinstance(one, Request):
                yield one
                continue
            words = unwrapped(one.words)
            program = words[0].rpartition("/")[2].lower()
            if program in CLIENTS or program in POWERSHELL:
                yield from self._called(words)
            elif not is_passive(words):
                yield from (Request(word, by=program) for word in words[1:] if re.match(r"https?://", word))

    def _called(self, words: tuple[str, ...]) -> Iterator[Request]:
        """What a client asks. Where it has its address from elsewhere, the step itself may hold it."""
        requests = list(asked(words))
        unseen = [one.url for one in requests if _UNSEEN.match(one.url) and one.method not in ("GET", "HEAD")]
        lacks = not any(_ADDRESS.match(one.url) for one in requests) or any(map(_CONFIG.fullmatch, words))
        if unseen or (lacks and not is_passive(words)):
            self.held[self.step.path, mentions.uncommented(self.step.run), ""] = None
            self._leave(f"calls {unseen[0][:80]}" if unseen else f"runs {_said(words)} without an address")
        yield from requests

    def _run(self, started: Started, above: frozenset[str], env: Mapping[str, str]) -> Iterator[Command | Request]:
        """The commands and requests of something that is started, and of what that starts."""
        place = started.label if started.label in self.repository.files.paths else self.step.path
        self.followed.add(started.label)
        if started.kind != SHELL:
            self.held.setdefault((place, started.text, started.kind))
        if started.kind in (PYTHON, SCRIPT):
            if _BRINGS.search(started.text):
                self._leave(f"runs code of {place} that brings more")
            yield from self._program(started.text, started.kind, env)
            return
        if started.kind == PWSH:
            found = powershell.commands(started.text, lambda name: self._variable(name, env), self.budget)
        else:
            found = commands(
                started.text,
                lambda name: self._variable(name, env),
                parameters=started.arguments,
                sourced=lambda file, folder: self._sourced(file, posixpath.join(started.directory, folder)),
                budget=self.budget,
            )
        for command in found:
            yield replace(command, directory="/" + self.starting.within(command.directory, started.directory))
            words = unwrapped(command.words)
            if is_passive(words):
                continue
            if len(above) >= DEEPEST:
                self._leave(f"starts {_said(words)}, deeper than is followed")
                continue
            handed = {**env, **command.env}
            started_by_it = list(
                self.starting.started(command, words, posixpath.join(started.directory, command.directory))
            )
            self._holds(started, place, command, words, bool(started_by_it))
            for inner in started_by_it:
                once = (inner, tuple(sorted(handed.items())))
                if inner.label in above or once in self.read:
                    continue
                if not self.budget.take(len(inner.text) + 100):
                    self._leave(f"starts {_said(words)}, and more than is followed")
                    break
                self.read.add(once)
                yield from self._run(inner, above | {inner.label}, handed)

    def _holds(self, started: Started, place: str, command: Command, words: tuple[str, ...], starts: bool) -> None:
        """Keep the words of a command that may send what is among them."""
        program = words[0].rpartition("/")[2].lower()
        if program in SHELLS and not starts:  # it may read what another command prints
            self.held.setdefault((place, started.text, SHELL))
        if program in CLIENTS or program in POWERSHELL:
            return
        if started.kind == SHELL:
            self.held.setdefault((place, "\n".join((*command.words, command.stdin)), ""))
        if not starts:
            self._leave(f"starts {_said(words)}")

    def _leave(self, loose: str) -> None:
        self.loose = self.loose or loose

    def _sourced(self, file: str, folder: str) -> str | None:
        text = self.starting.text(self.starting.within(file, folder))
        if text is None:
            self._leave(f"sources {file[:80]}")
        return text

    def _variable(self, name: str, env: Mapping[str, str]) -> str | None:
        return env[name] if name in env else self.values.variable(name)

    def _program(self, code: str, kind: str, env: Mapping[str, str]) -> Iterator[Request]:
        grammar = program_text.PYTHON if kind == PYTHON else program_text.SCRIPT
        yield from programs.sent(code, grammar, lambda name: self._variable(name, env), self.budget)


def _of(step: Step, said: str) -> str:
    return f"the step in line {step.spot.line} of {step.path} {said}"


def _said(words: tuple[str, ...]) -> str:
    return " ".join(words)[:80]


def _hands_on(step: Step, named: Mapping[str, str], handed: dict[str, str], budget: Budget) -> None:
    """Add what a step writes to $GITHUB_ENV and $GITHUB_OUTPUT. What only running would tell is `{env.NAME}`."""
    values = Values(step, named, handed=dict(handed), budget=budget)
    where = {"{GITHUB_ENV}": "env", "{GITHUB_OUTPUT}": f"steps.{step.job}.outputs"}
    if "GITHUB_ENV" in step.run:
        for name in _SET.findall(step.run):
            handed[f"env.{name}"] = f"{{env.{name}}}"
    for command in commands(values.filled(step.run), values.variable, budget=budget):
        if command.program in ("echo", "printf") and command.to in where:
            for line in chain.from_iterable(map(_LINE.split, command.words[1:])):
                if found := _HANDED.fullmatch(line):
                    key = f"{where[command.to]}.{found[1]}"
                    handed[key] = f"{{{key}}}" if "{" in found[2] or "%" in found[2] else found[2]
