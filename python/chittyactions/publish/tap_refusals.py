"""What a refusal of GitHub means for a Homebrew tap, and what to do about it."""

from __future__ import annotations

from chittyactions.errors import BadAnswer, Refused, ServiceError

DOCS = "package-publish.md#homebrew-tap"
CREDENTIALS = "package-publish.md#tap-credentials"
MODES = "package-publish.md#tap-modes"

TAP_YAML = """secrets:
  TAP_TOKEN: ${{ secrets.TAP_TOKEN }}"""
MODE_YAML = """with:
  tap_mode: pull-request"""

MOVED = frozenset({301, 302, 307, 308})


def explained(failure: Refused | BadAnswer, tap: str) -> ServiceError:
    """The same refusal in the words of a tap; what has no meaning of its own comes back as it was."""
    if isinstance(failure, BadAnswer):
        return _renamed(tap) if failure.status in MOVED else failure
    meant = _by_code(failure.code, tap) or _by_status(failure.status, tap)
    if meant is None:
        return failure
    what, why, fix, yaml, docs = meant
    return Refused(
        f"{what} (HTTP {failure.status}).",
        service=failure.service,
        status=failure.status,
        code=failure.code,
        why=why,
        fix=fix,
        yaml=yaml,
        docs=docs,
    )


def _by_code(code: str, tap: str) -> tuple[str, str, str, str, str] | None:
    return {
        "protected": (
            f"The branch of {tap} takes no direct commits",
            "It is protected: changes come by pull request.",
            "Open pull requests, or let the token's owner bypass the rule:",
            MODE_YAML,
            MODES,
        ),
        "empty": (
            f"{tap} is empty",
            "A pull request needs a branch to go to, and the repository has no commit.",
            "Make a first commit there (a README will do), or use tap_mode commit.",
            "",
            DOCS,
        ),
        "archived": (
            f"{tap} is archived",
            "An archived repository takes no changes.",
            "Unarchive it, or name another tap by the input tap.",
            "",
            DOCS,
        ),
        "rate limit": (
            "GitHub's API takes no more requests for now",
            "The token's rate limit is used up.",
            "Run again later: what is published is found and not done twice.",
            "",
            DOCS,
        ),
        "single sign-on": (
            f"The token may not be used for {tap}",
            "Its organisation wants tokens to be authorised for single sign-on.",
            "Authorise the token for the organisation in GitHub's settings of tokens.",
            "",
            CREDENTIALS,
        ),
        "no pull requests": (
            f"The token may not open pull requests in {tap}",
            "The organisation or repository does not let workflows create them.",
            "Give a TAP_TOKEN of a person or an app:",
            TAP_YAML,
            CREDENTIALS,
        ),
    }.get(code)


def _by_status(status: int, tap: str) -> tuple[str, str, str, str, str] | None:
    return {
        401: (
            f"GitHub does not take the token for {tap}",
            "It is wrong, expired or revoked.",
            "Renew the secret TAP_TOKEN, or let ChittyConnect grant GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY.",
            "",
            CREDENTIALS,
        ),
        403: (
            f"The token may not change {tap}",
            "It lacks a permission there; the workflow's own GITHUB_TOKEN never reaches another repository.",
            "Give a TAP_TOKEN with contents: write (and pull requests: write for tap_mode pull-request) on the tap:",
            TAP_YAML,
            CREDENTIALS,
        ),
        404: (
            f"There is no tap {tap} for this token",
            "The repository does not exist, or the token may not see it: GitHub answers both alike.",
            f"Check the input tap (owner/name), and give a TAP_TOKEN that may write to {tap}:",
            TAP_YAML,
            CREDENTIALS,
        ),
        409: _not_taken(tap),
        422: _not_taken(tap),
    }.get(status)


def _not_taken(tap: str) -> tuple[str, str, str, str, str]:
    return (
        f"GitHub did not take the change of {tap}",
        "A rule of the repository or of its branch is the usual reason.",
        "Look at the tap's rules; where its branch is protected, open pull requests:",
        MODE_YAML,
        MODES,
    )


def _renamed(tap: str) -> Refused:
    return Refused(
        f"{tap} has another name now.",
        service="GitHub's API",
        status=301,
        why="GitHub answered with a redirect, as for a repository that was renamed or moved. It is not followed: the "
        "token would go along.",
        fix="Name the tap as it is called now, by the input tap.",
        docs=DOCS,
    )
