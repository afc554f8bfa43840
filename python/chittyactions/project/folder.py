"""The folder of the checkout that an input names."""

from __future__ import annotations

from pathlib import Path

from chittyactions.errors import ConfigError


def folder_within(checkout: Path, working_directory: str, docs: str = "") -> Path:
    """The absolute folder of `working_directory`, which has to lie in the checkout. `docs` is the input's page."""
    root = checkout.resolve()
    folder = (root / (working_directory or ".")).resolve()
    if folder != root and root not in folder.parents:
        raise ConfigError(
            f"working_directory {working_directory} is outside the repository.",
            fix="Give a folder of the repository, such as apps/api.",
            docs=docs,
        )
    if not folder.is_dir():
        raise ConfigError(
            f"There is no folder {working_directory} in the repository.",
            why="The input working_directory names it.",
            fix="Correct working_directory; without it the repository's root is used.",
            docs=docs,
        )
    return folder
