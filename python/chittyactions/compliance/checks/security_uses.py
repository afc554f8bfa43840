"""What the workflows and actions of a repository use of others: actions, workflows and images."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from chittyactions.compliance.calls import table
from chittyactions.compliance.checks.security_workflows import Part, own_actions, reached, text
from chittyactions.compliance.documents import Spot
from chittyactions.compliance.repository import Repository
from chittyactions.compliance.workflows import Workflow

IMAGE = "docker://"


class Use(NamedTuple):
    """Something that is used, and where: an image begins with IMAGE."""

    path: str
    uses: str
    spot: Spot


def used(repository: Repository, workflows: Iterable[Workflow]) -> Iterator[Use]:
    """What workflows use, with what they lead to in this repository, and what its own actions do.

    What only a run can tell, such as an image of the matrix, is not in it. Raises NotKnown as `reached` does.
    """
    for workflow in workflows:
        for part in reached(repository, workflow):
            yield from _by(part)
    for part in own_actions(repository):
        yield from _by(part)


def _by(part: Part) -> Iterator[Use]:
    if part.uses and not part.uses.startswith((".", "$")):
        yield Use(part.path, part.uses, part.spot("uses"))
    image = text(part.said.get("image"))
    if part.at == ("runs",) and image.startswith(IMAGE):
        yield Use(part.path, image, part.spot("image"))
    if part.at[:1] == ("jobs",):
        job = part.at[:2]
        places = [("container",), *(("services", name) for name in table(part.job.get("services")))]
        for place in places:
            inner = (*place, "image") if isinstance(part.document.get(*job, *place), dict) else place
            image = text(part.document.get(*job, *inner)).strip().removeprefix(IMAGE)
            if image and "${{" not in image:
                yield Use(part.path, f"{IMAGE}{image}", part.document.spot(*job, *inner))
