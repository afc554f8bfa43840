"""What `--fix` would do to a repository, worked out without touching it: changes, and what is left to a person."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from chittyactions.compliance.documents import Document, Malformed
from chittyactions.compliance.facts import NotKnown, Undecided, Wrong
from chittyactions.compliance.files import Kind
from chittyactions.compliance.fixing.edit import CannotAdd, add_field
from chittyactions.compliance.fixing.places import hindrance, own_place
from chittyactions.compliance.fixing.recipes import Recipe, Recipes, load_recipes, template
from chittyactions.compliance.fixing.running import done_already
from chittyactions.compliance.fixing.templates import render
from chittyactions.compliance.fixing.values import why_not_known
from chittyactions.compliance.model import Checked, Outcome, Verdict
from chittyactions.compliance.repository import Repository
from chittyactions.compliance.yaml_text import read_yaml

BOM = "\ufeff".encode()


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

    @property
    def path(self) -> str:
        """Where its file belongs."""
        recipe = self.recipe
        if recipe.each:
            return own_place(self.repository, recipe.path)
        return recipe.path if recipe.at_root else self.repository.home(recipe.path)

    def steps(self) -> Iterator[Change | Left]:
        """What comes of it: a change, or what is left, or both where some fields can be added and others not."""
        there = self._there()
        if there and self.recipe.fields:
            yield from self._edited(there)
        elif there:
            yield from self._kept(there)
        else:
            yield from self._new()

    def _there(self) -> str:
        """Where the file is already, "" where it is nowhere."""
        held = self.repository.checkout.paths
        places = (self.path if self.recipe.each else self.recipe.path, *self.recipe.elsewhere)
        if self.recipe.at_root:
            return next((path for path in places if path in held), "")
        return next((found for path in places if (found := self.repository.find(path))), "")

    # -- a file that is there, or missing ----------------------------------------------------------------------

    def _kept(self, there: str) -> Iterator[Left]:
        """What is left where nothing is written over a file."""
        doing = self._done_already()
        if self.asking and doing:
            yield self._twice(doing)
        elif self.asking and not self.recipe.beside:
            yield self._left(there, "it is there already, and nothing is written over it", self._part())
        elif self.recipe.unless_steps and not doing:
            reason = "it is there already, and no workflow that runs does this for the service"
            yield self._left(there, reason, self._part())

    def _new(self) -> Iterator[Change | Left]:
        recipe, path = self.recipe, self.path
        first = self.asking[0].findings if self.asking else ()
        wrong = next((one for one in first if not one.absent), None)
        if wrong and not recipe.beside:
            reason = f"it is not simply missing: {wrong.message} {wrong.remediation}".rstrip(".")
            yield self._left(wrong.path or path, reason, wrong.fix)
        elif doing := self._done_already():
            if self.asking:
                yield self._twice(doing)
        elif lacking := self._lacking():
            yield self._left(path, why_not_known(lacking, self.repository))
        elif reason := hindrance(self.repository, path):
            yield self._left(path, reason)
        else:
            yield Change(path, None, self._rendered().encode(), self.checks)

    def _lacking(self) -> str:
        """The first value that it needs and nobody knows; "" where all are known."""
        return next((name for name in self.recipe.needs if name not in self.values), "")

    def _rendered(self) -> str:
        values = {**self.values, "JOB": PurePosixPath(self.path).stem}
        return render(template(self.recipe), values, yaml=self.recipe.template.endswith((".yml", ".yaml")))

    def _part(self) -> str:
        """What has to be added by hand to a file that is there."""
        if self._lacking():
            return _pasteable(self.asking)
        _, mark, part = self._rendered().partition(f"\n{self.recipe.part}\n")
        return f"{self.recipe.part}\n{part}" if self.recipe.part and mark else self._rendered()

    def _done_already(self) -> str:
        """The workflow that does the file's work already, "" where there is none."""
        pattern = self.recipe.unless_steps
        folder = self.values.get(self.recipe.each, self.repository.folder)
        return done_already(self.repository, pattern, folder) if pattern else ""

    def _twice(self, doing: str) -> Left:
        reason = "does something like it already, and another would do it twice; put this in the place of that step"
        return self._left(doing, reason, self._part())

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
