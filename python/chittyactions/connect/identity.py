"""Who the job is to ChittyConnect: GitHub's id token, an API key, both, or, said before any request, neither."""

from __future__ import annotations

import json

from chittyactions.errors import BadAnswer, CredentialError, Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chittyactions.http import Client

AUDIENCE = "https://connect.chitty.cc"
"""What ChittyConnect wants to be called in an id token, wherever it is reached."""

ISSUER = "GitHub's id token service"

PAGE = "getchitty-creds.md"

PERMISSIONS = "permissions:\n  contents: read\n  id-token: write"

PASS_THE_KEY = "with:\n  api_key: ${{ secrets.CHITTYCONNECT_API_KEY }}"  # noqa: S105 - an expression


class IdTokens:
    """GitHub's id tokens for this job; each call of `fresh` gets a new one, which `mask` hides at once."""

    def __init__(self, client: Client, environ: Mapping[str, str], mask: Callable[[str, str], None]) -> None:
        self._client = client
        self._url = environ["ACTIONS_ID_TOKEN_REQUEST_URL"]
        self._bearer = environ["ACTIONS_ID_TOKEN_REQUEST_TOKEN"]
        self._mask = mask

    def fresh(self, within: float = 0.0) -> str:
        """A new JSON Web Token for ChittyConnect, in `within` seconds where that is not 0.

        Raises Refused, BadAnswer, Unreachable or AnswerLost.
        """
        from urllib.parse import quote

        mark = "&" if "?" in self._url else "?"
        response = self._client.send(
            "GET",
            f"{self._url}{mark}audience={quote(AUDIENCE, safe='')}",
            headers={"Authorization": f"Bearer {self._bearer}"},
            within=within,
        )
        if response.status != 200:
            raise Refused(
                f"GitHub gave this job no id token (HTTP {response.status}).",
                service=ISSUER,
                status=response.status,
                why="The job has the permission `id-token: write`, but the request for a token was refused.",
                fix="Run the job again; if it lasts, see https://www.githubstatus.com.",
                docs=f"{PAGE}#id-token-refused",
            )
        answer = response.json()
        token = answer.get("value") if isinstance(answer, dict) else None
        if not isinstance(token, str) or token.count(".") != 2 or not token.isascii() or not token.isprintable():
            raise BadAnswer(
                "GitHub's answer held no id token.",
                service=ISSUER,
                why="It is JSON, but not with a token in `value`.",
                fix="Run the job again; on GitHub Enterprise Server, check that its OIDC provider is set up.",
                docs=f"{PAGE}#id-token-refused",
            )
        self._mask("The id token", token)
        return token


class Identity:
    """What the job can present: `oidc` whether it may ask for id tokens, `key` an API key or "".

    `lacking` says for a way that is not there why it is not.
    """

    def __init__(self, *, oidc: bool, key: str, lacking: Mapping[str, str]) -> None:
        self.oidc = oidc
        self.key = key
        self.lacking = lacking


def identify(auth: str, key: str, environ: Mapping[str, str]) -> Identity:
    """The identity to use under `auth` (auto, oidc or api-key). Raises CredentialError when there is none."""
    oidc = bool(environ.get("ACTIONS_ID_TOKEN_REQUEST_URL") and environ.get("ACTIONS_ID_TOKEN_REQUEST_TOKEN"))
    lacking: dict[str, str] = {}
    if not oidc:
        lacking["oidc"] = "this job has no `id-token: write` permission"
    if not key:
        lacking["api-key"] = "the input `api_key` is empty"
    if auth == "oidc":
        lacking["api-key"], key = "the input `auth` is oidc", ""
    elif auth == "api-key":
        lacking["oidc"], oidc = "the input `auth` is api-key", False
    if key:
        _check_key(key)
    if oidc or key:
        return Identity(oidc=oidc, key=key, lacking=lacking)
    raise _nobody(auth, environ)


def _check_key(key: str) -> None:
    if any(character.isspace() or not character.isprintable() for character in key):
        raise CredentialError(
            "The API key cannot be sent: it has a line break, a space or a control character in it.",
            why="A key is one word; a secret that was pasted with more than the key looks like this.",
            fix="Store the secret CHITTYCONNECT_API_KEY again, the key alone.",
            docs=f"{PAGE}#api-key-malformed",
        )


def _nobody(auth: str, environ: Mapping[str, str]) -> CredentialError:
    """Why there is no identity, in the words of what started this run."""
    wanted = {
        "oidc": ("no id token can be had", PERMISSIONS),
        "api-key": ("there is no API key", PASS_THE_KEY),
        "auto": ("there is neither an id token nor an API key", PERMISSIONS),
    }
    lack, yaml = wanted[auth]
    what = f"This job cannot ask ChittyConnect for credentials: {lack}."
    origin = circumstance(environ)
    if origin.startswith("fork"):
        return CredentialError(
            what,
            why=f"The run is for a pull request from a fork ({origin[5:] or 'which is gone'}), and GitHub gives such "
            "runs neither an id token nor secrets.",
            fix="Skip this job for forks, and deploy after the merge.",
            yaml="if: github.event.pull_request.head.repo.full_name == github.repository",
            docs=f"{PAGE}#forks",
        )
    if origin == "dependabot":
        return CredentialError(
            what,
            why="The run was started by Dependabot, and GitHub gives such runs no id token and no Actions secrets.",
            fix="Skip this job for Dependabot, or store CHITTYCONNECT_API_KEY among the Dependabot secrets as well.",
            yaml="if: github.actor != 'dependabot[bot]'",
            docs=f"{PAGE}#dependabot",
        )
    if auth == "api-key":
        why = "The input `api_key` is empty: the secret does not exist here, or is not passed on."
        return CredentialError(what, why=why, fix="Pass the key:", yaml=yaml, docs=f"{PAGE}#api-key-missing")
    return CredentialError(
        what,
        why="The job has no `id-token: write` permission" + ("." if auth == "oidc" else ", and `api_key` is empty."),
        fix="Add this to the job; where it is in a reusable workflow, to the job that calls it as well:",
        yaml=yaml,
        docs=f"{PAGE}#no-identity",
    )


def circumstance(environ: Mapping[str, str]) -> str:
    """`fork OWNER/NAME`, `dependabot` or "": what about this run makes GitHub withhold identities."""
    event: object = {}
    try:
        with open(environ.get("GITHUB_EVENT_PATH", ""), encoding="utf-8") as file:  # noqa: PTH123 - saves an import
            event = json.load(file)
    except (OSError, ValueError, RecursionError):
        pass
    pull = event.get("pull_request") if isinstance(event, dict) else None
    if isinstance(pull, dict) and environ.get("GITHUB_EVENT_NAME") != "pull_request_target":
        source = _name(_mapping(pull.get("head")).get("repo"))
        target = _name(_mapping(pull.get("base")).get("repo")) or environ.get("GITHUB_REPOSITORY", "")
        if source.lower() != target.lower():
            return f"fork {source}".rstrip()
    author = _mapping(_mapping(pull).get("user")).get("login")
    return "dependabot" if "dependabot[bot]" in (environ.get("GITHUB_ACTOR"), author) else ""


def _mapping(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def _name(repository: object) -> str:
    return str(_mapping(repository).get("full_name") or "")
