"""What is known of a service for its files. Nothing is invented: what nobody says has no value."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from chittyactions.compliance.checkout import default_branch
from chittyactions.compliance.claims import CONNECT
from chittyactions.compliance.detection import check_each, detect
from chittyactions.compliance.facts import NotKnown, Undecided, Wrong
from chittyactions.compliance.model import Need, Service, Verdict
from chittyactions.compliance.registry import Registry
from chittyactions.compliance.repository import Repository
from chittyactions.errors import InputError

CODEOWNERS = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
"""Where GitHub looks for it, in its order."""

WORDS = "has other characters than letters, digits, dots, _ and -; name it by --service"

_LOGIN = r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,98}[A-Za-z0-9])?"
_OWNER = re.compile(rf"@{_LOGIN}(?:/[A-Za-z0-9][\w.-]{{0,98}})?|[^\s@,#]+@[A-Za-z0-9][A-Za-z0-9.-]*\.[A-Za-z]{{2,}}")
_WORD = re.compile(r"[\w.-]{1,100}", re.ASCII)


def read_owners(words: Sequence[str]) -> tuple[str, ...]:
    """Owners as CODEOWNERS names them, each once; blanks and commas part them. Raises InputError with the bad ones."""
    owners = [one for word in words for one in re.split(r"[\s,]+", word) if one]
    bad = [one for one in owners if not _OWNER.fullmatch(one)]
    if bad:
        told = (f"{one[:60]!r}{f' (is it @{one}?)' if re.fullmatch(_LOGIN, one) else ''}" for one in bad[:5])
        raise InputError(
            f"No owner that GitHub knows has this form: {', '.join(told)}.",
            why="CODEOWNERS names @user, @organisation/team or a mail address.",
            fix="Write each owner so; --owner may be given several times.",
            docs="compliance/chittycanon.md",
        )
    return tuple(dict.fromkeys(owners))


def known_values(
    verdict: Verdict, repository: Repository, registry: Registry, *, owners: Sequence[str], today: date
) -> dict[str, str]:
    """The values of templates.NAMES that are known. A name that is not here is not known.

    SETTLED is known where .chittyconnect.yml says, or will say, what the service is; TRUST where it has to ask for an
    identity of its own.
    """
    service = verdict.service
    found = registry.find(service.name, service.repository)
    entry = found[2] if found else None
    values = {
        **stated_values(service, repository),
        "TERRITORY": _word(entry.territory) if entry else "",
        "DESCRIPTION": " ".join(entry.description.split()) if entry else "",
        "DATE": today.isoformat(),
        "OWNERS": " ".join(owners),
        "CODEOWNERS": _codeowners(repository, will_be=bool(owners)),
        "SETTLED": "yes" if _requires(verdict, "chittyconnect") or repository.find(CONNECT) else "",
        "TRUST": "yes" if _requires(verdict, "chittytrust") else "",
    }
    return {name: value for name, value in values.items() if value}


def stated_values(service: Service, repository: Repository) -> dict[str, str]:
    """The values that a service and its repository state by themselves."""
    worker, worker_folder = _worker(repository)
    values = {
        "SERVICE": _word(service.name),
        "TYPE": service.type,
        "TIER": "" if service.tier is None else str(service.tier),
        "ORGANIZATION": _word(service.organization),
        "ORG_LOWER": _word(service.organization).lower(),
        "DOMAIN": service.domain,
        "BRANCH": repository.observed.default_branch or default_branch(repository.checkout.root),
        "FOLDER": repository.folder,
        "WORKER": worker or (_word(service.name) if worker_folder is not None else ""),
        "WORKER_FOLDER": worker_folder or "",
    }
    return {name: value for name, value in values.items() if value}


def why_not_known(name: str, repository: Repository) -> str:
    """Why a file is not written for want of a value, half a sentence that says how to tell it."""
    if name == "BRANCH":
        return _why_no_branch(repository)
    if name == "OWNERS":
        return "nobody said who owns it; name them by --owner, as @user, @organisation/team or a mail address"
    if name == "WORKER" and _worker(repository)[1] is None:
        return why_no_deploy(repository) or "there is no wrangler file here, and so no Worker that it could deploy"
    return f"the service's name {WORDS}"


def why_no_deploy(repository: Repository) -> str:
    """Why what lies here can't be deployed by worker-deploy, half a sentence; "" where it can, or nothing is there."""
    detected = detect(repository)
    if detected.apart:
        each = check_each(detected).rstrip(".")
        return f"there is more than one Worker here, so that nobody can tell which to deploy. {each}"
    if detected.pages and not detected.workers:
        return f"this is a Pages project, not a Worker, by its {detected.pages[0]}"
    return ""


def _why_no_branch(repository: Repository) -> str:
    if not (repository.checkout.root / ".git").exists():
        return "it is not known which branch is the default one, as this is no git repository; `git init` makes it one"
    unknown = "it is not known which branch is the default one"
    if not repository.checkout.remote:
        return f"{unknown}; `git remote add origin URL`, a push, and `git remote set-head origin --auto` tell it"
    return f"{unknown}; `git fetch origin` and `git remote set-head origin --auto` ask the remote"


def _word(text: str) -> str:
    """A name that can stand in any file; "" for one with other characters than letters, digits, dots, _ and -."""
    return text if _WORD.fullmatch(text) else ""


def _worker(repository: Repository) -> tuple[str, str | None]:
    """Name and folder ("" for the root) of the Worker to deploy; None for the folder where there is not the one."""
    workers = {path.rpartition("/")[0]: path for path in detect(repository).workers}
    folder = repository.folder if repository.folder in workers else next(iter(workers), None)
    if folder is None or (folder != repository.folder and len(workers) > 1):
        return "", None
    path = workers[folder]
    try:
        document = (repository.toml if path.endswith(".toml") else repository.jsonc)(path)
    except (Wrong, Undecided, NotKnown):
        document = None
    name = document.get("name") if document else None
    return _word(name) if isinstance(name, str) else "", folder


def _codeowners(repository: Repository, *, will_be: bool) -> str:
    """The way to CODEOWNERS from the service's folder; "" where there is none, and will be none."""
    there = [path for path in CODEOWNERS if path in repository.checkout.paths]
    path = there[0] if there else CODEOWNERS[0] if will_be else ""
    depth = repository.folder.count("/") + 1 if repository.folder else 0
    return "../" * depth + path if path else ""


def _requires(verdict: Verdict, dimension: str) -> bool:
    """Whether the profile of the service's type requires a dimension."""
    return any(one.name == dimension and one.need is Need.REQUIRED for one in verdict.dimensions)
