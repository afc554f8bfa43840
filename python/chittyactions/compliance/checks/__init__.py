"""One module per dimension; `EVALUATORS` names every function that checks.yml may name."""

from __future__ import annotations

from chittyactions.compliance.engine import Evaluator

EVALUATORS: dict[str, Evaluator] = {}
