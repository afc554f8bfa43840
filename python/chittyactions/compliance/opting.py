"""Who has asked to be failed. Standard library alone: it is asked where nothing could be installed, too."""

from __future__ import annotations

import os
from collections.abc import Mapping

from chittyactions.errors import InputError
from chittyactions.inputs import Inputs

FILE = ".chittyops.yml"

NEW_IN_V2 = {
    "type": "",
    "working_directory": ".",
    "fail_on": "auto",
    "config": "",
    "format": "json",
    "sarif": "false",
    "comment": "false",
}
"""Inputs that no caller of before has set, with their defaults: who sets one to something else has asked for what is
new, and is failed by `fail_on: auto`.
"""


def has_opted_in(environ: Mapping[str, str]) -> bool:
    """Whether the caller of a job, or its repository, asked for what is new. Nobody else's merges may stop."""
    if os.path.lexists(os.path.join(environ.get("GITHUB_WORKSPACE") or ".", FILE)):  # noqa: PTH118 - no Path.lexists
        return True
    try:
        inputs = Inputs.load(environ)
    except InputError:
        return False
    for name, default in NEW_IN_V2.items():
        inputs.text(name, default)
    return inputs.given(*NEW_IN_V2)
