"""What a step starts in the repository, from which folder and with which variables; and what its job hands to it."""

from __future__ import annotations

import time

import pytest

from chittyactions.compliance.command import Command
from chittyactions.compliance.sending import Reader
from chittyactions.compliance.starting import POWERSHELL, PYTHON, SCRIPT, SHELL, Started, Starting, unwrapped
from chittyactions.compliance.workflows import steps_of, workflows_of
from compliance.repositories import Content, repository

U = "https://u"
NPM = '{"name": "@x/p", "scripts": {"s": "curl https://u"}}'
NODE = f"fetch('{U}')"
PY = f"import requests\nrequests.get('{U}')"


def sent(
    run: str, files: dict[str, Content] | None = None, step: str = "", job: str = "", before: str = ""
) -> list[str]:
    """The URLs that the last step of a workflow asks for."""
    script = "".join(f"          {line}\n" for line in run.splitlines())
    text = f"on: push\njobs:\n  j:\n    runs-on: x\n{job}    steps:\n{before}      - run: |\n{script}{step}"
    held = repository({".github/workflows/w.yml": text, **(files or {})})
    *_, last = steps_of(held, workflows_of(held).found[0])
    return [one.url for one in Reader(held, {"USUAL": "https://usual"}).requests(last)]


@pytest.mark.parametrize(
    "run, files",
    [
        ("cd a && ./s.sh", {"a/s.sh": f"curl {U}"}),
        ("cd a\ncd b\n./s.sh", {"a/b/s.sh": f"curl {U}"}),
        ("(cd b; true)\n./s.sh", {"s.sh": f"curl {U}"}),
        ("cd a; cd $GITHUB_WORKSPACE; ./s.sh", {"s.sh": f"curl {U}"}),
        ("cd a; cd $GITHUB_WORKSPACE/b; ./s.sh", {"b/s.sh": f"curl {U}"}),
        ('cd "$(dirname "$0")"; ./s.sh', {"s.sh": f"curl {U}"}),
        ("cd /tmp; cd ${{ github.workspace }}; ./s.sh", {"s.sh": f"curl {U}"}),
        ("bash -euo pipefail s.sh", {"s.sh": f"curl {U}"}),
        ("bash +o posix -x s.sh", {"s.sh": f"curl {U}"}),
        ("./s.sh u", {"s.sh": "curl https://$1"}),
        ("./s.sh u", {"s.sh": 'curl "https://${1:-no}"'}),
        ("./s.sh", {"s.sh": 'curl "https://${1:-u}"'}),
        ("B=u ./s.sh", {"s.sh": "curl https://$B"}),
        ("export B=u\n./s.sh", {"s.sh": "curl https://$B"}),
        ("declare -x B=no\nB=u\n./s.sh", {"s.sh": "curl https://$B"}),
        ("B=u; . ./s.sh", {"s.sh": "curl https://$B"}),
        ("source s.sh; f", {"s.sh": f"f() {{ curl {U}; }}"}),
        (f"cat <<E | bash\ncurl {U}\nE", {}),
        (f"echo curl {U} | sh -x", {}),
        (f"eval 'curl {U}'", {}),
        (f"eval curl {U}", {}),
        ("npm run s", {"package.json": NPM}),
        ("npm --prefix a run s", {"a/package.json": NPM}),
        ("npm --prefix=a run s", {"a/package.json": NPM}),
        ("cd a; npm run s", {"a/package.json": '{"scripts": {"s": "./s.sh"}}', "a/s.sh": f"curl {U}"}),
        ("npm run s -w a", {"a/package.json": NPM}),
        ("pnpm --filter @x/p s", {"b/package.json": NPM}),
        ("npm run d", {"package.json": '{"scripts": {"d": "x", "postd": "curl https://u"}}'}),
        ("npm run d", {"package.json": '{"scripts": {"d": "x", "pred": "curl https://u"}}'}),
        ("bun run s", {"package.json": NPM}),
        ("npx tsx s.ts", {"s.ts": NODE}),
        ("npx --yes ts-node a/s.ts", {"a/s.ts": NODE}),
        ("pnpm exec tsx s.ts", {"s.ts": NODE}),
        ("deno run -A s.ts", {"s.ts": NODE}),
        ("bun s.ts", {"s.ts": NODE}),
        ("uv run python s.py", {"s.py": PY}),
        ("uv run --with httpx s.py", {"s.py": PY}),
        ("poetry run python3 s.py", {"s.py": PY}),
        ("python3.11 s.py", {"s.py": PY}),
        ("python -u s.py --now", {"s.py": PY}),
        ("python -m a.s", {"a/s.py": PY}),
        ("python -m a", {"a/__main__.py": PY}),
        ("python s", {"s": PY}),
        ("make -B not", {"Makefile": f"not:\n\tcurl {U}\n"}),
        ("bash -eu -O nocaseglob --norc s.sh -n", {"s.sh": f"curl {U}"}),
        ("bash -o pipefail s.sh", {"s.sh": f"curl {U}"}),
        ("node --no-warnings s.mjs --check", {"s.mjs": NODE}),
        ("ruby -w s.rb -c", {"s.rb": f"Net::HTTP.get(URI('{U}'))"}),
        ("./s", {"s": f"#!/usr/bin/env python3\n{PY}"}),
        ("./s", {"s": f"#!/usr/bin/env node\n{NODE}"}),
        ("./s", {"s": f"#!/usr/bin/env pwsh\nirm {U}"}),
        (f"python - <<E\n{PY}\nE", {}),
        ("pwsh ./s.ps1", {"s.ps1": f"irm {U}"}),
        (f"pwsh -Command 'irm {U}'", {}),
        ("make s", {"Makefile": f"all:\n\ttrue\ns:\n\t@curl {U}\n"}),
        ("make", {"Makefile": f".PHONY: s\ns:\n\tcurl {U}\n"}),
        ("make s", {"Makefile": f"s: t\nt:\n\t-curl {U}\n"}),
        ("make s", {"Makefile": "H := u\ns:\n\tcurl https://$(H)\n"}),
        ("make s H=u", {"Makefile": "H ?= no\ns:\n\tcurl https://${H}\n"}),
        ("make s", {"Makefile": "s:\n\tH=u; curl https://$$H\n"}),
        ("make s", {"Makefile": "s: ; curl https://u\n"}),
        ("make -C a s", {"a/Makefile": "s:\n\t./s.sh\n", "a/s.sh": f"curl {U}"}),
        ("make -f a.mk s", {"a.mk": f"s:\n\tcurl {U}\n"}),
        ("gmake", {"Makefile": f"s:\n\tcurl {U}\n"}),
        ("make --file a.mk", {"a.mk": f"s:\n\tcurl {U}\n"}),
        ("make -k", {"makefile": f"s:\n\tcurl {U}\n"}),
        ("make", {"GNUmakefile": f"s:\n\tcurl {U}\n", "makefile": "s:\n\tcurl v\n", "Makefile": "s:\n\tcurl w\n"}),
        ("make", {"makefile": f"s:\n\tcurl {U}\n", "Makefile": "s:\n\tcurl w\n"}),
        ("cd a; npm --prefix b run s", {"a/b/package.json": NPM}),
        ("npm run s --prefix", {"package.json": NPM}),
        ("npm run -w gone -w p s", {"a/package.json": NPM}),
        ("yarn workspace @x/p s", {"a/package.json": NPM}),
        ("/bin/yarn workspace a s", {"a/package.json": NPM}),
        ("pnpm -w run s", {"package.json": NPM}),
        ("yarn run workspace", {"package.json": '{"scripts": {"workspace": "curl https://u"}}'}),
        ("make -w s", {"Makefile": f"s:\n\tcurl {U}\n"}),
        ("make -C a -C b s", {"a/b/Makefile": f"s:\n\tcurl {U}\n"}),
    ],
)
def test_what_a_command_starts_is_followed(run: str, files: dict[str, Content]) -> None:
    """Scripts, programs, scripts of package.json and rules of make, from where and with what they are started."""
    assert sent(run, files) == [U]
    if files:
        assert sent(run) == []


@pytest.mark.parametrize(
    "run, files",
    [
        ("B=u; ./s.sh", {"s.sh": "curl https://${B:-no}"}),
        ("f() { ./s.sh; }", {"s.sh": f"curl {U}"}),
        ("cd a; ./s.sh", {"s.sh": f"curl {U}"}),
        ("make t", {"Makefile": f"s:\n\tcurl {U}\nt:\n\ttrue\n"}),
        ("make", {}),
        ("npm run s", {"package.json": "[]"}),
        ("npm run s", {"package.json": '{"scripts": ["s"]}'}),
        ("npm run t", {"package.json": NPM}),
        ("npm run p", {"package.json": '{"scripts": {"prep": "curl https://p"}, "x": 1}'}),
        ("uv sync; npx; npm exec; uv run --with", {}),
        ("bash -o", {}),
        ("python -m", {}),
        (f"echo curl {U} | tee x", {}),
        (f"cat <<E | tee x\ncurl {U}\nE", {}),
    ],
)
def test_what_is_not_started_is_not_followed(run: str, files: dict[str, Content]) -> None:
    """Other folders, other targets, functions that nobody calls, variables that are not handed on."""
    assert [url for url in sent(run, files) if url != "https://no"] == (["https://p"] if "run p" in run else [])


@pytest.mark.parametrize(
    "line",
    [
        "bash -n s.sh",
        "sh -en ./s.sh",
        "/bin/sh -nv s.sh",
        "dash -eu -n s.sh",
        "bash +x -n s.sh",
        "bash -euo pipefail -n s.sh",
        "bash -O extglob -n s.sh",
        "bash -o noexec s.sh",
        "bash -nc 'curl https://u'",
        "echo curl https://u | bash -n",
        "for one in s.sh; do bash -n $one; done",
        "npm run lint",
        "node --check s.mjs",
        "node --no-warnings --check s.mjs",
        "/usr/bin/node -c s.mjs",
        "npx tsx --check s.mjs",
        "ruby -c s.rb",
        "ruby -wc s.rb",
        "ruby -Wc s.rb",
        "python -m py_compile s.py",
        "python3 -m compileall s.py",
        "shellcheck s.sh",
        "make -n s",
        "make s -n",
        "make -kn s",
        "make -bBdeikLmrRsSwn s",
        "make -nC . s",
        "make -C . --dry-run s",
        "make --just-print s",
        "make --recon s",
        "make -q s",
        "make --question s",
        "make -t s",
        "make --touch s",
        "$(MAKE) -n s",
    ],
)
def test_what_is_only_checked_is_not_started(line: str) -> None:
    """A shell that only reads its script, a program that is only looked at, and a make that tells what it would do."""
    files: dict[str, Content] = {
        "s.sh": f"curl {U}",
        "s.mjs": NODE,
        "s.rb": f"Net::HTTP.get(URI('{U}'))",
        "s.py": PY,
        "Makefile": f"s:\n\tcurl {U}\n",
        "package.json": '{"scripts": {"lint": "sh -n s.sh && node --check s.mjs"}}',
    }
    assert sent(line, files) == []


@pytest.mark.parametrize(
    "words, run",
    [
        ("npx tsx a", "tsx a"),
        ("uv run --python 3.12 --quiet python a", "python a"),
        ("pnpm dlx tsx a", "tsx a"),
        ("npx pnpm exec tsx a", "tsx a"),
        ("npx npx npx npx a", "npx a"),
        ("/usr/bin/npx a", "a"),
        ("npx b/a.js", "b/a.js"),
        ("uv pip run a", "uv pip run a"),
        ("npm exec", "npm exec"),
        ("npx a.js b", "./a.js b"),
        ("uv pip a", "uv pip a"),
        ("npm run a", "npm run a"),
        ("npx", "npx"),
    ],
)
def test_programs_that_run_others(words: str, run: str) -> None:
    """`npx` and `uv run` are passed over, with their options."""
    assert " ".join(unwrapped(tuple(words.split()))) == run


def test_a_matrix_fills_in_each_of_its_runs() -> None:
    """Every combination of its lists, and each run of `include`."""
    matrix = "    strategy:\n      matrix: {a: [1, 2], b: [x], include: [{a: 3, c: y}]}\n"
    run = "curl ${{ matrix.a }}${{ matrix.b }}${{ matrix.c }}"
    assert sent(run, job=matrix) == ["1x", "2x", "3y"]
    assert sent("curl $A", step="        env: {A: '${{ matrix.a }}'}\n", job=matrix) == ["1", "2", "3"]
    assert sent("curl u", job=matrix) == ["u"]
    assert sent("curl ${{ matrix.a }}", job="    strategy: {matrix: '${{ fromJSON(x) }}'}\n") == ["{matrix.a}"]
    many = f"    strategy:\n      matrix: {{a: {list(range(50))}}}\n"
    assert sent("curl ${{ matrix.a }}", job=many) == [*map(str, range(20)), "{matrix.a}"]


@pytest.mark.parametrize(
    "line, url",
    [
        ('echo "B=https://u" >> "$GITHUB_ENV"', "https://u/x"),
        ("echo B=https://u >>$GITHUB_ENV", "https://u/x"),
        ("printf 'B=https://u\\n' >> $GITHUB_ENV", "https://u/x"),
        ("b=https://u; echo B=$b >> $GITHUB_ENV", "https://u/x"),
        ("echo b=1 >> $GITHUB_ENV; true B=https://u >> $GITHUB_ENV", "{env.B}/x"),
        ("export B=https://u", "{B}/x"),
        ("echo B=https://u", "{B}/x"),
        ('echo "B=$(cat url)" >> $GITHUB_ENV', "{env.B}/x"),
        ("cat <<E >> $GITHUB_ENV\nB=https://u\nE", "{env.B}/x"),
        ("b=$(cat url); cat <<E >> $GITHUB_ENV\nB=$b\nE", "{env.B}/x"),
        ("printf 'B=%s' \"$1\" >> $GITHUB_ENV", "{env.B}/x"),
        ("echo C=https://u >> $GITHUB_ENV", "{B}/x"),
        ("printf 'A=1\\nB=https://u\\nC=2\\n' >> $GITHUB_ENV", "https://u/x"),
        ("echo 'A=1\nB=https://u\nC=2' >> $GITHUB_ENV", "https://u/x"),
        ("echo A=1 B=https://u >> $GITHUB_ENV", "https://u/x"),
        ("echo B=a=b >> $GITHUB_ENV", "a=b/x"),
        ("echo 1B=https://u >> $GITHUB_ENV", "{B}/x"),
    ],
)
def test_earlier_steps_hand_on_variables(line: str, url: str) -> None:
    """Plain texts that they write to $GITHUB_ENV; what they work out is set, but not known."""
    script = "".join(f"          {one}\n" for one in line.splitlines())
    assert sent("curl $B/x", before=f"      - run: |\n{script}") == [url]
    assert sent("curl ${{ env.B }}/x", before=f"      - run: |\n{script}") == [url]


def test_earlier_steps_hand_on_outputs() -> None:
    """By their id; a later step hands on nothing."""
    before = '      - {id: a, run: echo "b=https://u" >> "$GITHUB_OUTPUT"}\n'
    assert sent("curl ${{ steps.a.outputs.b }}", before=before) == ["https://u"]
    assert sent("curl ${{ steps.c.outputs.b }}", before=before) == ["{steps.c.outputs.b}"]
    dashed = before.replace("b=", "b-c=")
    assert sent("curl ${{ steps.a.outputs.b-c }}", before=dashed) == ["https://u"]
    worked_out = before.replace("https", "%s")
    assert sent("curl ${{ steps.a.outputs.b }}", before=worked_out) == ["{steps.a.outputs.b}"]
    twice = before + '      - run: echo "B=${{ steps.a.outputs.b }}/y" >> "$GITHUB_ENV"\n'
    assert sent("curl $B", before=twice) == ["https://u/y"]
    assert sent("curl $B\necho B=https://u >> $GITHUB_ENV") == ["{B}"]


def test_a_step_on_windows_is_read_as_powershell() -> None:
    """Where nothing names a shell."""
    run = f"$u = '{U}'\nInvoke-RestMethod -Uri $u"
    assert sent(run, step="        shell: pwsh\n") == [U]
    assert sent(run)[-1] == "{u}"
    steps = f"    runs-on: windows-2025\n    steps:\n    - run: 'irm {U}; sh -c date'\n"
    held = repository({".github/workflows/w.yml": f"on: push\njobs:\n  j:\n{steps}"})
    (step,) = steps_of(held, workflows_of(held).found[0])
    assert [one.url for one in Reader(held, {}).requests(step)] == [U]


@pytest.mark.parametrize(
    "env, url",
    [
        ("{USUAL: '${{ secrets.ANY }}'}", "https://usual"),
        ("{USUAL: '${{ secrets.ANY }}/x'}", "{secrets.ANY}/x"),
        ("{USUAL: 'https://mine'}", "https://mine"),
        ("{OTHER: 1}", "https://usual"),
    ],
)
def test_a_variable_of_the_step_comes_before_the_usual_value(env: str, url: str) -> None:
    """In a shell and in code; one that is set from what nobody sees, and has the usual name, is taken to hold it."""
    assert sent("curl $USUAL", step=f"        env: {env}\n") == [url]
    assert sent("node -e 'fetch(process.env.USUAL)'", step=f"        env: {env}\n") == [url]


@pytest.mark.parametrize(
    "words, stdin, started",
    [
        (("bash", "-ec", "x", "me", "a", "b"), "", [Started("x", "x", SHELL, ("a", "b"), "d")]),
        (("sh", "-x"), "x", [Started("x", "x", SHELL, None, "d")]),
        (("bash", "-O", "extglob", "a.sh", "b", "c"), "", [Started("d/a.sh", "A", SHELL, ("b", "c"), "d")]),
        (("./a.sh", "b", "c"), "", [Started("d/a.sh", "A", SHELL, ("b", "c"), "d")]),
        (("pwsh", "-C", "x"), "", [Started("x", "x", POWERSHELL, None, "d")]),
        (("powershell", "-Command", "x"), "", [Started("x", "x", POWERSHELL, None, "d")]),
        (("pwsh", "-File", "P.PS1"), "", [Started("d/P.PS1", "P", POWERSHELL, None, "d")]),
        (("/usr/bin/python3", "-c", "x", "y"), "", [Started("x", "x", PYTHON, None, "d")]),
        (("ruby", "-e", "x"), "", [Started("x", "x", PYTHON, None, "d")]),
        (("node", "--eval", "x"), "", [Started("x", "x", SCRIPT, None, "d")]),
        (("node", "-"), "x", [Started("x", "x", SCRIPT, None, "d")]),
        (("tsx", "a.sh", "b"), "", [Started("d/a.sh", "A", SCRIPT, None, "d")]),
        (("./tool",), "", [Started("d/tool", "#!/usr/bin/ruby\nnode\n", PYTHON, (), "d")]),
        (("./named",), "", [Started("d/named", "#!/usr/bin/env python3\nnode\n", PYTHON, (), "d")]),
        (("./odd",), "", [Started("d/odd", "x\n#!/usr/bin/python", SHELL, (), "d")]),
        (("yarn", "s"), "", [Started("d/package.json#s", "S", SHELL, None, "d")]),
        (("npm", "run", "s", "-w", "e"), "", [Started("d/e/package.json#s", "E", SHELL, None, "/d/e")]),
        (("bun", "run", "s"), "", [Started("d/package.json#s", "S", SHELL, None, "d")]),
        (("npm", "run", "s", "-w", "gone"), "", []),
        (("npm", "run", "s", "-w", "f"), "", []),
        (("npm", "s"), "", []),
        (("npm", "test"), "", [Started("d/package.json#test", "T", SHELL, None, "d")]),
        (("/bin/npm", "ci"), "", []),
        (("pnpm", "s"), "", [Started("d/package.json#s", "S", SHELL, None, "d")]),
        ((".\\P.PS1",), "", [Started("d/P.PS1", "P", POWERSHELL, (), "d")]),
        (("pwsh", "-File", ".\\P.PS1"), "", [Started("d/P.PS1", "P", POWERSHELL, None, "d")]),
        (("{MAKE}", "-C", "e"), "", [Started("d/e/Makefile#a", "M", SHELL, None, "d/e")]),
        (("make", "-C", "e"), "", [Started("d/e/Makefile#a", "M", SHELL, None, "d/e")]),
        (("a.sh",), "", []),
    ],
)
def test_what_is_started_is_told_whole(words: tuple[str, ...], stdin: str, started: list[Started]) -> None:
    """By what it is called, in its language, with its arguments, and where it works."""
    files: dict[str, Content] = {
        "d/a.sh": "A",
        "d/s": "no",
        "d/P.PS1": "P",
        "d/tool": "#!/usr/bin/ruby\nnode\n",
        "d/named": "#!/usr/bin/env python3\nnode\n",
        "d/odd": "x\n#!/usr/bin/python",
        "d/package.json": '{"scripts": {"s": "S", "test": "T", "ci": "C"}}',
        "d/e/package.json": '{"scripts": {"s": "E"}}',
        "d/e/Makefile": "a:\n\tM\n",
        "f/package.json": '{"scripts": {"s": "F"}}',
    }
    assert list(Starting(repository(files), "w.yml").started(Command(words, stdin), words, "d")) == started


HOSTILE = {
    "names itself often": ("curl $X", "        env: {X: '" + "${{ env.X }}" * 60 + "'}\n", {}),
    "name each other often": (
        "curl $A",
        "        env: {"
        + ", ".join(f"{a}: '" + ("${{ env." + b + " }}") * 60 + "'" for a, b in ("AB", "BC", "CD", "DA"))
        + "}\n",
        {},
    ),
    "doubles": ("A=xxxxxxxxxx\n" + "A=$A$A\n" * 40 + "curl $A", "", {}),
    "doubles in an array": ("A=(x)\n" + 'A=("${A[@]}" "${A[@]}")\n' * 40 + "curl ${A[@]}", "", {}),
    "never ends": ("echo " + "${{" * 40_000, "", {}),
    "functions that call each other": (
        "\n".join(f"f{n}() {{ f{n + 1}; f{n + 1}; }}" for n in range(30)) + "\nf0",
        "",
        {},
    ),
    "scripts that start each other": (
        "bash 0.sh",
        "",
        {f"{n}.sh": f"bash {n + 1}.sh $RANDOM\n" * 300 for n in range(5)},
    ),
    "evals": ("eval " * 5_000 + "curl u", "", {}),
    "definitions within each other": ("f() {\n" * 20_000, "", {}),
    "rules that need each other": (
        "make a0",
        "",
        {"Makefile": "".join(f"a{n}: {' '.join(f'a{m}' for m in range(300))}\n\tcurl {n}\n" for n in range(300))},
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_small_hostile_text_is_read_in_bounded_time(name: str) -> None:
    """What multiplies is left as it stands when it has grown too long."""
    run, step, files = HOSTILE[name]
    begun = time.monotonic()
    sent(run, dict(files), step)
    assert time.monotonic() - begun < 10
