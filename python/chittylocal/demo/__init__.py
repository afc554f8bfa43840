"""`make demo`: a sample Worker's own workflow, twice: a verified deploy, then a sick version that is rolled back.

`sample` makes the repository, `story` runs its workflow and holds the backend's state to what is claimed, and
`screen` shows it.
"""

from __future__ import annotations

from chittylocal.demo.main import main

__all__ = ["main"]
