"""What tells the services of one repository apart wherever a run leaves something: comment, artifact, alerts."""

from __future__ import annotations

import hashlib
import re

from chittyactions.compliance.model import Service

LONGEST = 100
"""Characters of the name in it."""


def key_of(service: Service) -> str:
    """The service's name where it lies at the root and a file may be called so; else with a mark of name and folder.

    It has only letters, digits and `._-~`, never two hyphens in a row, and no other service of the repository has it.
    """
    plain = re.sub(r"[^A-Za-z0-9._]+", "-", service.name)[:LONGEST].strip("-") or "service"
    if plain == service.name and not service.folder:
        return plain
    whole = f"{service.name}\0{service.folder}".encode("utf-8", "surrogatepass")
    return f"{plain}~{hashlib.sha256(whole).hexdigest()[:8]}"  # no plain name has the sign
