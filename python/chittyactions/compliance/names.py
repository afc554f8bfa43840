"""What services, GitHub's organisations and repositories, and domains can be called: one rule for every file and input.

The patterns are of whole texts. They are written so that editors understand them too, which read them in our schemas.
"""

from __future__ import annotations

import re

SERVICE = r"(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}"
"""As GitHub has it of repositories: `.github` and `-chittyos` are services, too."""

OWNER = r"[A-Za-z0-9][A-Za-z0-9-]{0,38}"
"""GitHub gives no new account two hyphens together, or one at the end; there are older ones that have them."""

REPOSITORY = f"{OWNER}/{SERVICE}"
"""owner/name."""

DOMAIN = r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+([a-z]{2,63}|xn--[a-z0-9-]{0,58}[a-z0-9])"
"""In small letters. Labels of another script are written as the name servers have them (`xn--p1ai`)."""

DOMAIN_AS_WRITTEN = DOMAIN.replace("a-z", "A-Za-z").replace("xn", "[Xx][Nn]")
"""In capitals too."""


def is_service(name: str) -> bool:
    """Whether a service can have this name."""
    return re.fullmatch(SERVICE, name) is not None


def is_owner(name: str) -> bool:
    """Whether an organisation, or another account, can have this name on GitHub."""
    return re.fullmatch(OWNER, name) is not None


def is_repository(name: str) -> bool:
    """Whether it is owner/name of what can be a repository on GitHub."""
    return re.fullmatch(REPOSITORY, name) is not None


def is_domain(name: str) -> bool:
    """Whether it is a domain in small letters, without scheme, port or path."""
    return re.fullmatch(DOMAIN, name) is not None
