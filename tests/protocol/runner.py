"""An action started as GitHub's runner starts it.

    def test_it(action_runner: ActionRunner) -> None:
        '''…'''
        run = action_runner.run("getchitty-creds", {"purpose": "deploy"}, env=local.env("oidc"))
        assert run.returncode == 0
        assert run.outputs["account_id"] == "…"
        assert not run.leaks({"the token": token})

What is as on GitHub and not as in a shell: fresh command files for each step, no `INPUT_*` in a composite's
step, stdout a pipe, stdin closed, an environment that holds nothing of ours, cancellation that signals the
direct child only (SIGINT, 7.5 s later SIGTERM, 2.5 s later SIGKILL), the runner's masks, and job outputs
dropped when they hold a masked string.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from protocol.argv import ArgvWatch
from protocol.commands import Annotation, StepLog, parse_command_file
from protocol.masking import Leak, Masker, find_leaks

ROOT = Path(__file__).resolve().parents[2]
RUN_PY = ROOT / "python" / "chittyactions" / "run.py"
COMMAND_FILES = ("GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_PATH", "GITHUB_STATE", "GITHUB_STEP_SUMMARY")
SUMMARY_LIMIT = 1024 * 1024


@dataclass
class ActionRun:
    """What one step left behind, as GitHub would keep it."""

    returncode: int
    stdout: str
    """Raw, commands and unmasked values included: for protocol tests only."""
    stderr: str
    log: str
    """Both streams as the log shows them: commands taken out, masks applied."""
    outputs: dict[str, str]
    dropped: list[str]
    """Outputs that another job would never see, since they hold a masked string."""
    env: dict[str, str]
    path: list[str]
    state: dict[str, str]
    summary: str
    annotations: list[Annotation]
    masker: Masker
    seconds: float
    argv: set[bytes]
    """Every command line seen on the machine while the step ran (NUL-separated)."""
    files: dict[str, Path] = field(repr=False)
    """All files under the job's folders after the step, the runner's own command files left out."""
    unmasked_before_mask: list[str] = field(default_factory=list, repr=False)
    """Lines that held a value which was masked only later."""

    @property
    def job_outputs(self) -> dict[str, str]:
        """The outputs that may cross to another job."""
        return {name: value for name, value in self.outputs.items() if name not in self.dropped}

    @property
    def errors(self) -> list[str]:
        """Messages of `::error::` annotations."""
        return [note.message for note in self.annotations if note.level == "error"]

    @property
    def warnings(self) -> list[str]:
        """Messages of `::warning::` annotations."""
        return [note.message for note in self.annotations if note.level == "warning"]

    def leaks(self, secrets: Mapping[str, str] | Sequence[str]) -> list[Leak]:
        """Where a secret shows: log, summary, annotations, environment file, argv, left-over files.

        Empty is right. Step outputs and saved state are where a secret may lie; job outputs are searched.
        """
        places: dict[str, bytes | str] = {
            "log": self.log,
            "summary": self.summary,
            "env file": json.dumps(self.env, ensure_ascii=False),
            "job outputs": json.dumps(self.job_outputs, ensure_ascii=False),
            **{f"annotation {i}": note.message for i, note in enumerate(self.annotations)},
            **{f"argv {i}": line for i, line in enumerate(self.argv)},
            **{f"before its mask {i}": line for i, line in enumerate(self.unmasked_before_mask)},
        }
        for name, path in self.files.items():
            if path.is_file() and not path.is_symlink():
                places[f"file {name}"] = path.read_bytes()
        return find_leaks(places, secrets)


class RunningAction:
    """A step under way; `wait()` gives its `ActionRun`."""

    def __init__(self, home: ActionRunner, process: subprocess.Popen[str], files: Path) -> None:
        self._home, self.process, self._files = home, process, files
        self._log = StepLog(home.masker)
        self._started = time.monotonic()
        self._err: list[str] = []
        self._watch = ArgvWatch()
        if home.watch_argv:
            self._watch.__enter__()
        assert process.stdout is not None
        assert process.stderr is not None
        self._readers = [
            threading.Thread(target=self._read, args=(process.stdout, None), daemon=True),
            threading.Thread(target=self._read, args=(process.stderr, self._err), daemon=True),
        ]
        for reader in self._readers:
            reader.start()

    def _read(self, stream: IO[str], also: list[str] | None) -> None:
        with stream:
            for line in stream:
                text = line.rstrip("\r\n")
                if also is not None:
                    also.append(text)
                self._log.line(text)

    @property
    def lines(self) -> list[str]:
        """The raw lines so far."""
        return list(self._log.raw)

    def cancel(self) -> None:
        """Cancel as the runner does: the direct child alone is signalled, ever more firmly."""
        for number, patience in ((signal.SIGINT, 7.5), (signal.SIGTERM, 2.5)):
            self.process.send_signal(number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(patience)
                break
        else:
            self.process.kill()

    def wait(self, timeout: float = 60) -> ActionRun:
        """Wait for the end, then read what the step left; after `timeout` seconds it is killed."""
        try:
            self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            shown = "\n".join(self._log.shown)
            raise AssertionError(f"the step still ran after {timeout} s; its log:\n{shown}") from None
        finally:
            for reader in self._readers:
                reader.join(5)
            if self._home.watch_argv:
                self._watch.__exit__()
        seconds = time.monotonic() - self._started
        # Bytes, since the runner keeps a value's own line ends.
        texts = {name: (self._files / name).read_bytes().decode("utf-8") for name in COMMAND_FILES}
        outputs = parse_command_file(texts["GITHUB_OUTPUT"])
        masker, log = self._log.masker, self._log
        final = [masker.mask(line) for line in log.shown]
        too_early = [line for line, masked in zip(log.shown, final, strict=True) if line != masked]
        summary = texts["GITHUB_STEP_SUMMARY"]
        return ActionRun(
            returncode=self.process.returncode,
            stdout="\n".join(log.raw),
            stderr="\n".join(self._err),
            log="\n".join(log.shown),
            outputs=outputs,
            dropped=[name for name, value in outputs.items() if masker.hides(value)],
            env=parse_command_file(texts["GITHUB_ENV"]),
            path=texts["GITHUB_PATH"].split(),
            state=parse_command_file(texts["GITHUB_STATE"]),
            summary=masker.mask(summary) if len(summary.encode()) <= SUMMARY_LIMIT else "",
            annotations=log.annotations,
            masker=masker,
            seconds=seconds,
            argv=self._watch.seen,
            files=self._home.left_over(),
            unmasked_before_mask=too_early,
        )


class ActionRunner:
    """One job: its folders, its environment, its masks. Steps run one after the other share the masks.

    Without `watch_argv` no command line is seen, and the third of a core that looking for them takes is free.
    """

    def __init__(self, folder: Path, tool_cache: Path | None = None, *, watch_argv: bool = True) -> None:
        self.folder = folder
        self.watch_argv = watch_argv
        self.masker = Masker()
        self.temp, self.home, self.workspace, self._files = (
            folder / name for name in ("temp", "home", "workspace", "runner-files")
        )
        for path in (self.temp, self.home, self.workspace, self._files):
            path.mkdir(parents=True)
        self.tool_cache = tool_cache or ROOT / ".tools" / "tool-cache"
        self.event = folder / "event.json"
        self.event.write_text("{}")
        self._count = 0

    def base_env(self) -> dict[str, str]:
        """The environment of a job of `acme/hello` on main, pushed by octocat."""
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "TMPDIR": str(self.temp),
            "LANG": "C.UTF-8",
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_REPOSITORY": "acme/hello",
            "GITHUB_REPOSITORY_OWNER": "acme",
            "GITHUB_ACTOR": "octocat",
            "GITHUB_WORKFLOW": "Deploy",
            "GITHUB_JOB": "deploy",
            "GITHUB_REF": "refs/heads/main",
            "GITHUB_REF_NAME": "main",
            "GITHUB_REF_TYPE": "branch",
            "GITHUB_SHA": "1" * 40,
            "GITHUB_RUN_ID": "4711",
            "GITHUB_RUN_NUMBER": "7",
            "GITHUB_RUN_ATTEMPT": "1",
            "GITHUB_EVENT_NAME": "push",
            "GITHUB_EVENT_PATH": str(self.event),
            "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_API_URL": "https://api.github.com",
            "GITHUB_WORKSPACE": str(self.workspace),
            "RUNNER_OS": "Linux",
            "RUNNER_ARCH": "X64",
            "RUNNER_NAME": "test",
            "RUNNER_ENVIRONMENT": "github-hosted",
            "RUNNER_TEMP": str(self.temp),
            "RUNNER_TOOL_CACHE": str(self.tool_cache),
            "ACTIONS_RUNTIME_TOKEN": "runtime-token-of-the-test",
        }

    def set_event(self, name: str, payload: Mapping[str, object]) -> dict[str, str]:
        """Write the event's payload; returns the environment to hand to `run`."""
        self.event.write_text(json.dumps(payload))
        return {"GITHUB_EVENT_NAME": name}

    def start(
        self,
        argv: Sequence[str],
        env: Mapping[str, str] | None = None,
        *,
        secrets: Sequence[str] = (),
        cwd: Path | None = None,
    ) -> RunningAction:
        """Start any command as a step. `secrets` are masked beforehand, as `secrets.*` of a workflow are."""
        self._count += 1
        files = self._files / str(self._count)
        files.mkdir()
        for name in COMMAND_FILES:
            (files / name).touch()
        for secret in secrets:
            self.masker.add(secret)
        step = {**self.base_env(), **{name: str(files / name) for name in COMMAND_FILES}, **(env or {})}
        process = subprocess.Popen(
            argv,
            env=step,
            cwd=cwd or self.workspace,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        )
        assert process.stdin is not None
        process.stdin.close()
        return RunningAction(self, process, files)

    def start_action(
        self,
        action: str,
        inputs: Mapping[str, str],
        env: Mapping[str, str] | None = None,
        *,
        state: Mapping[str, str] | None = None,
        secrets: Sequence[str] = (),
        python: Sequence[str] = (sys.executable,),
    ) -> RunningAction:
        """Start `run.py <action>` as an action's one step does; `state` is what its main saved."""
        return self.start(
            [*python, "-I", str(RUN_PY), action],
            {
                "CHITTY_INPUTS": json.dumps(dict(inputs), ensure_ascii=False),
                **{f"STATE_{name}": value for name, value in (state or {}).items()},
                **(env or {}),
            },
            secrets=secrets,
        )

    def run(
        self,
        action: str,
        inputs: Mapping[str, str],
        env: Mapping[str, str] | None = None,
        *,
        state: Mapping[str, str] | None = None,
        secrets: Sequence[str] = (),
        python: Sequence[str] = (sys.executable,),
        timeout: float = 60,
    ) -> ActionRun:
        """Run `run.py <action>` to its end."""
        running = self.start_action(action, inputs, env, state=state, secrets=secrets, python=python)
        return running.wait(timeout)

    def start_javascript(
        self,
        script: Path,
        inputs: Mapping[str, str],
        env: Mapping[str, str] | None = None,
        *,
        state: Mapping[str, str] | None = None,
        secrets: Sequence[str] = (),
        node: str | None = None,
    ) -> RunningAction:
        """Start a JavaScript action's main or post: these do get `INPUT_*`, and `STATE_*` in their post."""
        found = node or shutil.which("node")
        assert found, "no node on PATH"
        return self.start(
            [found, str(script)],
            {
                **{f"INPUT_{name.replace(' ', '_').upper()}": value for name, value in inputs.items()},
                **{f"STATE_{name}": value for name, value in (state or {}).items()},
                **(env or {}),
            },
            secrets=secrets,
        )

    def left_over(self) -> dict[str, Path]:
        """Every file under the job's folders, by its path from there; the runner's own files left out."""
        return {
            str(path.relative_to(self.folder)): path
            for path in sorted(self.folder.rglob("*"))
            if path.is_file() and self._files not in path.parents
        }
