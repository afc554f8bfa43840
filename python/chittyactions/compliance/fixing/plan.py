"""What `--fix` would do to a repository, worked out without touching it: changes, and what is left to a person."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from chittyactions.compliance.checkout import Kind
from chittyactions.compliance.documents import Document, Malformed
from chittyactions.compliance.facts import NotKnown, Undecided, Wrong
from chittyactions.compliance.fixing.edit import CannotAdd, add_field
from chittyactions.compliance.fixing.recipes import Recipe, Recipes, load_recipes, template
from chittyactions.compliance.fixing.templates import render
from chittyactions.compliance.model import Checked, Outcome, Verdict
from chittyactions.compliance.repository import Repository
from chittyactions.compliance.workflows import Workflow, steps_of, workflows_of
from chittyactions.compliance.yaml_text import read_yaml

BOM = "\ufeff".encode()

NOT_KNOWN = {
    "BRANCH": "it is not known which branch is the default one; `git remote set-head origin --auto` asks the remote",
    "OWNERS": "nobody said who owns it; name them by --owner, as @user, @organisation/team or a mail address",
    "SERVICE": "the service's name has other characters than letters, digits, dots, _ and -",
    "WORKER": "there is more than one Worker here, or none, so that nobody can tell which it deploys",
}
"""Why a file is not written, by the value that it needs."""


@dataclass(frozen=True)
class Change:
    """A file as it is (None where there is none) and as it would be, for the checks that ask for it."""

    path: str
    before: bytes | None
    after: bytes
    checks: tuple[str, ...]


@dataclass(frozen=True)
class Left:
    """What a person has to do: why it is not done here, half a sentence, and the lines to add where they are known."""

    path: str
    checks: tuple[str, ...]
    reason: str
    lines: str = ""


@dataclass(frozen=True)
class Plan:
    """All of it. `changes` is empty where nothing is to be written."""

    changes: tuple[Change, ...] = ()
    left: tuple[Left, ...] = ()


def plan_fixes(
    verdict: Verdict,
    repository: Repository,
    values: Mapping[str, str],
    recipes: Recipes | None = None,
    *,
    without: Collection[str] = (),
) -> Plan:
    """The plan for a verdict on a repository. `values` are known_values; by default the toolkit's recipes are used.

    `without` names files that are not wanted, as fixes.yml names them.
    """
    failed = {one.id: one for one in verdict.checks if one.outcome is Outcome.FAIL}
    changes: list[Change] = []
    left: list[Left] = []
    for recipe in (recipes or load_recipes()).files:
        if recipe.path in without or (recipe.types and verdict.service.type not in recipe.types):
            continue
        asking = [failed[check] for check in recipe.checks if check in failed]
        if asking or recipe.always:
            for one in _Dish(recipe, asking, repository, values).steps():
                if isinstance(one, Change):
                    changes.append(one)
                else:
                    left.append(one)
    return Plan(tuple(changes), tuple(left))


@dataclass(frozen=True)
class _Dish:
    """A recipe, with what failed for want of its file."""

    recipe: Recipe
    asking: Sequence[Checked]
    repository: Repository
    values: Mapping[str, str]

    @property
    def checks(self) -> tuple[str, ...]:
        """The ids of what failed."""
        return tuple(one.id for one in self.asking)

    def steps(self) -> Iterator[Change | Left]:
        """What comes of it: a change, or what is left, or both where some fields can be added and others not."""
        there = self._there()
        if there and self.recipe.fields:
            yield from self._edited(there)
        elif there:
            if self.asking and not self.recipe.beside:
                yield self._left(there, "it is there already, and nothing is written over it", self._part())
        else:
            yield from self._new()

    def _there(self) -> str:
        """Where the file is already, "" where it is nowhere."""
        held = self.repository.checkout.paths
        places = (self.recipe.path, *self.recipe.elsewhere)
        if self.recipe.at_root:
            return next((path for path in places if path in held), "")
        return next((found for path in places if (found := self.repository.find(path))), "")

    # -- a file that is missing --------------------------------------------------------------------------------

    def _new(self) -> Iterator[Change | Left]:
        recipe = self.recipe
        path = recipe.path if recipe.at_root else self.repository.home(recipe.path)
        first = self.asking[0].findings if self.asking else ()
        wrong = next((one for one in first if not one.absent), None)
        if wrong and not recipe.beside:
            reason = f"it is not simply missing: {wrong.message} {wrong.remediation}".rstrip(".")
            yield self._left(wrong.path or path, reason, wrong.fix)
            return
        doing = self._done_already()
        if doing and not self.asking:
            return
        lacking = next((name for name in recipe.needs if name not in self.values), "")
        if doing or lacking:
            reason = f"{doing} does something like it already, and would do it twice" if doing else NOT_KNOWN[lacking]
            yield self._left(doing or path, reason, self._part() if not lacking else "")
        elif hindrance := self._hindrance(path):
            yield self._left(path, hindrance)
        else:
            yield Change(path, None, self._rendered().encode(), self.checks)

    def _rendered(self) -> str:
        return render(template(self.recipe), self.values, yaml=self.recipe.template.endswith((".yml", ".yaml")))

    def _part(self) -> str:
        """What has to be added by hand to a file that is there."""
        if any(name not in self.values for name in self.recipe.needs):
            return _pasteable(self.asking)
        _, mark, part = self._rendered().partition(f"\n{self.recipe.part}\n")
        return f"{self.recipe.part}\n{part}" if self.recipe.part and mark else self._rendered()

    def _done_already(self) -> str:
        """The workflow with a step that does the file's work, "" where there is none."""
        if not self.recipe.unless_steps:
            return ""
        pattern = re.compile(self.recipe.unless_steps)
        workflows = workflows_of(self.repository).found
        return next((one.path for one in workflows if _does(self.repository, one, pattern)), "")

    def _hindrance(self, path: str) -> str:
        """Why nothing can be written at a path that git knows nothing of; "" where it can."""
        held = self.repository.checkout.paths
        above = path.split("/")[:-1]
        for depth in range(1, len(above) + 1):
            kind = held.get("/".join(above[:depth]))
            if kind:
                what = {Kind.SUBMODULE: "a submodule", Kind.LINK: "a link", Kind.FILE: "a file"}[kind]
                return f"{'/'.join(above[:depth])} is {what}, and nothing is written there"
        same = next((one for one in held if one.lower() == path.lower()), "")
        if same:
            return f"{same} is there, which some systems cannot tell from it; rename it"
        if os.path.lexists(self.repository.checkout.root / path):
            return "it is there already, and git ignores it"
        return ""

    # -- a file that lacks fields ------------------------------------------------------------------------------

    def _edited(self, path: str) -> Iterator[Change | Left]:
        if self.repository.checkout.paths[path] is not Kind.FILE:
            yield self._left(path, "it is a link or a submodule, which is not written through")
            return
        if path in self.repository.checkout.left_out:
            yield self._left(path, "a sparse checkout leaves it out")
            return
        try:
            text = self.repository.text(path) or ""
            read_yaml(text)
        except (Wrong, Undecided, NotKnown, Malformed) as error:
            yield self._left(path, f"it cannot be read, so that nothing can be added: {error}".rstrip("."))
            return
        before = (self.repository.checkout.root / path).read_bytes()
        wanted = read_yaml(self._rendered()) if all(name in self.values for name in self.recipe.needs) else None
        edited, done = text, []
        for one in self.asking:
            after, reason = self._with_fields(one.id, edited, wanted)
            if reason:
                yield Left(path, (one.id,), reason, _pasteable([one]))
            else:
                edited = after
                done.append(one.id)
        if edited != text:
            mark = BOM if before.startswith(BOM) else b""
            yield Change(path, before, mark + edited.encode(), tuple(done))

    def _with_fields(self, check: str, text: str, wanted: Document | None) -> tuple[str, str]:
        """The file with what a check asks for, or the reason why it stays without."""
        edited = text
        for field in self.recipe.fields.get(check, ()):
            place = tuple(field.split("."))
            try:
                there = read_yaml(edited).get(*place)
                value = wanted.get(*place) if wanted else None
                if there is not None and not isinstance(value, list):
                    continue  # whether it is right is the check's to say, and no reason to change it
                if value is None:
                    return text, f"what {field} has to be is not known"
                edited = add_field(edited, place, value)
            except CannotAdd as error:
                return text, str(error)
        return edited, "" if edited != text else "what it asks for is there already, and is not changed"

    def _left(self, path: str, reason: str, lines: str = "") -> Left:
        return Left(path, self.checks, reason, lines)


def _pasteable(asking: Sequence[Checked]) -> str:
    """The lines that a check itself gives."""
    return next((finding.fix for one in asking for finding in one.findings if finding.fix), "")


def _does(repository: Repository, workflow: Workflow, pattern: re.Pattern[str]) -> bool:
    """Whether a step of a workflow fits a pattern, or may: one that calls what can't be read."""
    try:
        return any(pattern.search(step.uses) or pattern.search(step.run) for step in steps_of(repository, workflow))
    except NotKnown:
        return True
