"""Documented inputs, outputs and exit codes are a contract: `frozen.json` holds what v2 promises.

A difference is either a mistake or an addition. An addition goes into the file:

    PYTHONPATH=python:tests .venv/bin/python tests/contracts/test_frozen.py

Taking something away, or changing a default, needs v3.
"""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any

from chittyactions import errors
from contracts.files import actions, reusable

FROZEN = Path(__file__).with_name("frozen.json")


def _inputs(declared: dict[str, Any]) -> dict[str, Any]:
    return {
        name: {key: spec[key] for key in ("type", "default", "required") if key in spec}
        for name, spec in sorted(declared.items())
    }


def promised() -> dict[str, Any]:
    """What the files of today promise, in the shape of `frozen.json`."""
    files: dict[str, Any] = {}
    for file in actions():
        if "/lease/" not in file.name:
            outputs = sorted(file.data.get("outputs", {}))
            files[file.name] = {"inputs": _inputs(file.data.get("inputs", {})), "outputs": outputs}
    for file in reusable():
        call = file.data["on"]["workflow_call"]
        files[file.name] = {
            "inputs": _inputs(call.get("inputs", {})),
            "secrets": sorted(call.get("secrets", {})),
            "outputs": sorted(call.get("outputs", {})),
            "jobs": sorted(file.data["jobs"]),
        }
    tree = [value for _, value in inspect.getmembers(errors, inspect.isclass) if issubclass(value, errors.ChittyError)]
    codes = {each.__name__: each.exit_code for each in tree}
    return {"files": files, "exit codes": codes}


def test_what_v2_promises_is_kept() -> None:
    """Every name, type, default, secret, output, job id and exit code is as it was."""
    assert promised() == json.loads(FROZEN.read_text("utf-8"))


if __name__ == "__main__":
    FROZEN.write_text(json.dumps(promised(), indent=2, sort_keys=True) + "\n", "utf-8")
