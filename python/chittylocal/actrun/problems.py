"""What keeps a workflow from being run here."""

from __future__ import annotations


class CannotRun(Exception):
    """Says what happened, why, and what to do; the run never started."""
