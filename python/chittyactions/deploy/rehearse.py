"""Try an upload without sending it: what wrangler would refuse is told before there is a credential."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from chittyactions.deploy.bundle import read_bundle
from chittyactions.deploy.plan import Upload
from chittyactions.deploy.toolchain import Wrangler, wrangler_environment
from chittyactions.errors import ArtifactError, ConfigError
from chittyactions.process import run
from chittyactions.project.steps import last_lines

SECONDS = 300.0


def rehearse(
    wrangler: Wrangler, upload: Upload, environ: Mapping[str, str], echo: Callable[[str], None] | None = None
) -> None:
    """Let wrangler go through the upload as a dry run, and hold what it would send to the artifact.

    Needs no credential and sends nothing. Raises ConfigError for what wrangler refuses, ArtifactError when it would
    send other modules than were built.
    """
    scratch = Path(tempfile.mkdtemp(prefix="rehearsal-"))
    try:
        form = scratch / "upload.form"
        command = wrangler.command("deploy", "--dry-run", *upload.target, *upload.code, "--outfile", str(form))
        env = wrangler_environment(wrangler, environ, scratch / "home")
        done = run(command, cwd=upload.folder, env=env, seconds=SECONDS, echo=echo, name="wrangler")
        if done.code:
            raise ConfigError(
                f"wrangler {wrangler.version} refuses to deploy {upload.plan.script}.",
                why="Its last lines were:\n" + last_lines(done),
                fix=f"Correct {upload.plan.config_file}; nothing was sent.",
                docs="worker-build.md#configuration",
            )
        if upload.modules:
            sent = read_bundle(form)
            would = {(module.path, module.kind) for module in sent.modules}
            lost = sorted(would ^ set(upload.modules))
            if lost:
                raise ArtifactError(
                    f"wrangler {wrangler.version} would send other modules than were built: {lost[0][0][:120]!r}.",
                    why="Its rules for modules are not those of the version that this toolkit was made for.",
                    fix="Leave wrangler_version empty, or turn isolation off.",
                    docs="worker-build.md#isolation",
                )
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
