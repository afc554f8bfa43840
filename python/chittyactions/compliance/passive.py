"""Programs of which it is known that they send nothing by themselves and start nothing of the repository's that would.

Tests, linters and compilers run the repository's code, and are not what a workflow calls a service by.
"""

from __future__ import annotations

import re

_PRINTING = frozenset({"echo", "printf", "cat", "tee", "logger", "write-host", "write-output"})
_SEARCHING = frozenset({"grep", "sed", "awk", "jq", "yq"})
_STEERING = frozenset({"test", "[", "[[", ":", "case", "for", "command", "eval", "return", "exit", "}"}) | {
    "fi",
    "done",
    "esac",
}
_SILENT = _PRINTING | _SEARCHING | _STEERING | {"git", "gh"}
"""What they send goes to git's and GitHub's own addresses alone."""

_PASSIVE = frozenset({
    # of the shell and the system
    "alias", "basename", "break", "cd", "chmod", "chown", "continue", "cp", "cut", "date", "declare", "diff",
    "dirname", "export", "expr", "false", "head", "hash", "id", "install", "kill", "let",
    "ln", "local", "ls", "mapfile", "mkdir", "mktemp", "mv", "popd", "printenv", "pushd", "pwd", "read", "readarray",
    "readonly", "rm", "rmdir", "seq", "set", "sha256sum", "shasum", "shift", "shopt", "sleep", "sort", "stat",
    "tail", "tar", "touch", "tput", "tr", "true", "type", "typeset", "ulimit", "umask", "uname",
    "uniq", "unset", "unzip", "wait", "wc", "which", "whoami", "xxd", "zip", "gzip", "gunzip", "base64", "openssl",
    "nproc", "tree", "column", "realpath", "readlink",
    # that install
    "apt", "apt-get", "apk", "dnf", "yum", "brew", "choco", "dpkg", "corepack", "nvm", "volta", "asdf",
    "rustup", "pip", "pip3", "pipx", "conda",
    # that check and test
    "actionlint", "bandit", "biome", "black", "codecov", "codespell", "dprint", "eslint", "flake8", "gitleaks",
    "golangci-lint", "hadolint", "isort", "jest", "knip", "markdownlint", "mocha", "mypy", "nyc", "oxlint",
    "playwright", "prettier", "publint", "pylint", "pyright", "pytest", "ruff", "semgrep", "shellcheck", "shfmt",
    "stylelint", "trivy", "tsc", "typedoc", "vitest", "vue-tsc", "xo", "yamllint", "zizmor", "coverage", "c8", "tsd",
    "vale",
    # that build and deliver
    "esbuild", "rollup", "swc", "terser", "tsup", "vite", "webpack", "wrangler", "semantic-release", "changeset",
    "changesets", "gcc", "clang", "cmake",
    # of PowerShell
    "add-content", "get-childitem", "get-content", "new-item", "out-file", "remove-item", "select-string",
    "set-content", "start-sleep", "write-error", "write-verbose", "write-warning", "test-path", "import-module",
    "install-module",
})  # fmt: skip
_COMMANDS = {
    re.compile(r"npm|pnpm|yarn|bun"): "add audit ci config i info install list ls view",
    re.compile(r"uv|poetry|pdm|rye|hatch"): "add build install lock pip publish sync tool venv version python",
    re.compile(r"cargo"): "bench build check clippy doc fetch fmt install llvm-cov nextest package publish test",
    re.compile(r"go"): "build clean env fmt get install mod test version vet work",
    re.compile(r"docker|podman"): "build buildx image images login logout manifest pull push tag",
    re.compile(r"deno"): "cache check fmt install lint test",
    re.compile(r"dotnet"): "build clean nuget pack publish restore test tool",
}
"""Programs with the commands of theirs that are passive."""
_ONLY_READ = (
    (re.compile(r"[^/]*"), re.compile(r"--version|--help|-v|-V")),
    (re.compile(r"(?:ba|da|z|k)?sh"), re.compile(r"-[a-z]*n[a-z]*")),
    (re.compile(r"node|deno|bun"), re.compile(r"-c|--check|--test")),
    (re.compile(r"ruby|perl|php"), re.compile(r"-c|-l")),
    (re.compile(r"g?make"), re.compile(r"-n|--dry-run|--just-print|--recon")),
)
"""Programs with the options by which they run nothing."""
_MODULES = frozenset({"build", "compileall", "coverage", "ensurepip", "json.tool", "py_compile", "unittest", "venv"})
"""Modules that `python -m` runs, beside those that are programs."""


def is_passive(words: tuple[str, ...]) -> bool:
    """Whether a command starts nothing that a check looks for."""
    program = words[0].rpartition("/")[2].lower()
    if program in _SILENT or program in _PASSIVE:
        return True
    if any(of.fullmatch(program) and reads.fullmatch(option) for of, reads in _ONLY_READ for option in words[1:2]):
        return True
    if program.startswith("python") and words[1:2] == ("-m",):
        return not (_MODULES | _PASSIVE).isdisjoint(words[2:3])
    first = [word for word in words[1:] if not word.startswith("-")][:1]
    named = (commands for pattern, commands in _COMMANDS.items() if pattern.fullmatch(program))
    return any(not set(commands.split()).isdisjoint(first) for commands in named)
