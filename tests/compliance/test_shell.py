"""Shell scripts as commands: words, quotes, variables, functions, here-documents."""

from __future__ import annotations

import random
import time

import pytest

from chittyactions.compliance.shell import commands
from chittyactions.compliance.shell_words import Budget

KNOWN = {"KNOWN": "https://known", "EMPTY": ""}


def nothing(_: str) -> str | None:
    """No variable has a value."""
    return None


def told(script: str) -> list[str]:
    """Each command of a script, its words by spaces."""
    return [" ".join(command.words) for command in commands(script, KNOWN.get)]


@pytest.mark.parametrize(
    "script, expected",
    [
        ("a b\nc", ["a b", "c"]),
        ("a;b&&c||d|e&f", ["a", "b", "c", "d", "e", "f"]),
        ("a \\\n  b", ["a b"]),
        ("a \\\nb", ["a b"]),
        ('a b\\\nc "d\\\ne"', ["a bc de"]),
        ("a 'b c' \"d e\"f", ["a b c d ef"]),
        ("a 'b\nc'", ["a b\nc"]),
        ('a "\\$x \\"q\\" \\n \\X"', ['a $x "q" \\n \\X']),
        ("a \\# b", ["a # b"]),
        ("a # b; c", ["a"]),
        ("a#b", ["a#b"]),
        ("a b\0c", ["a bc"]),
        ("f() { a $0; }; f b", ["a {}", "}"]),
        ("# a\n  # b\nc", ["c"]),
        ("a 'x # y' # z", ["a x # y"]),
        ("if a; then b; elif c; then d; else e; fi", ["a", "b", "c", "d", "e", "fi"]),
        ("while ! a; do b; done", ["a", "b", "done"]),
        ("{ a; }; (b)", ["a", "}", "b"]),
        ("X=1 a $X", ["a {X}"]),
        ("X=1\nX=2\na $X", ["a 2"]),
        ("KNOWN=mine; a $KNOWN", ["a mine"]),
        ("export X=1 Y; a ${X}", ["a 1"]),
        ("a $KNOWN ${KNOWN} '$KNOWN'", ["a https://known https://known $KNOWN"]),
        ("a $WHO ${WHO} ${WHO:?told}", ["a {WHO} {WHO} {WHO}"]),
        ("a ${KNOWN:-b} ${WHO:-b} ${EMPTY:-c} ${WHO:=d}", ["a https://known b c d"]),
        ("a ${WHO:-$KNOWN}", ["a https://known"]),
        ("a ${WHO:-'X'Y} ${WHO:-\"Xone\"}", ["a 'X'Y Xone"]),
        ("X=u/; a ${X%/}/b ${X#u}", ["a u/b u/"]),
        ("a ${x[0]} $1 $@ $((1+2)) ${#x}", ["a {} {} {} {} {}"]),
        ("a $((1)) $((2)) b", ["a {} {} b"]),
        ("a $((1", ["a {}"]),
        ("a ${x[0", ["a {}"]),
        ("a '$' $1", ["a $ {}"]),
        ('a "b$" c $/d $', ["a b{} c {}/d {}"]),
        (r"a $'it\'s' b; c", ["a it's b", "c"]),
        (r"a x$'\\n\n\t\r\e'y", ["a x\\n\n\t\rey"]),
        ("X=$'b' a '' $X; X=$'b'; a $X", ["a  {X}", "a b"]),
        ("a $'b\nc\\\nd'", ["a b\nc\nd"]),
        ("a \"$'b'\" $'c", ["a {}'b' {}c"]),
        ('X=$(a b); c "$(d)" `e`', ["a b", "d", "e", "c {} {}"]),
        ("c `aXb` aXb", ["aXb", "c {} aXb"]),
        ("a $(b $(c))", ["c", "b {}", "a {}"]),
        ("x $( ( (a); b ); c ) d", ["a", "b", "c", "x {} d"]),
        ("a <(b) > c 2>d 2>&1 &>e >>f < g", ["b", "a"]),
        ("a > b c >\t d e", ["a c e"]),
        ("a &> b c; d &>e f", ["a c", "d f"]),
        ("a b2>c; d 2 >e", ["a b2", "d 2"]),
        ("a >; b >\nc >& d", ["a", "b", "c"]),
        ("a >", ["a"]),
        ("a <<< b c; d <<<e f", ["a c", "d f"]),
        ("a b c <<<d e\nf", ["a b c e", "f"]),
        ("a >(b; c) d", ["b", "c", "a d"]),
        ("a >X b <X c &X", ["a b c", "X"]),
        ('a <<"E"\nb\nE\nc', ["a", "c"]),
        ("X=u/; Y=u/X; a ${X#/} ${Y%/} ${Y%X}", ["a u/ u/X u/X"]),
        ("a ${WHO-b} ${WHO=c} ${WHO:-} ${KNOWN-d}", ["a b c c https://known"]),
        ("a <<E\nb\nE\nc", ["a", "c"]),
        ("a <<-'E' | d\n\tb\n\tE\nc", ["a", "d", "c"]),
        ('a <<<"b"\nc', ["a", "c"]),
        ("a <<X <<Y\n1\nX\n2\nY\nb", ["a", "b"]),
        ("a <<X <<X\n1\nX\n2\nX\nb", ["a", "b"]),
        ("a <<E\nnever ends\nc", ["a"]),
        ("<<E\na\nE\nb", ["b"]),
        ("sudo -E timeout 30s env A=1 nohup a b", ["a b"]),
        ("sudo; sudo -v; a", ["a"]),
        ("a\r\nb\r\n", ["a", "b"]),
        ("case $x in a) b;; *) c;; esac", ["case {x} in a", "b", "c", "esac"]),
        (
            "case x in a) b;; c|d|e*) f | g && (h);; i) j;; esac; k | l",
            ["case x in a", "b", "f", "g", "h", "j", "esac", "k", "l"],
        ),
        ("if x; then case y in a) b;; c) d;; esac; fi", ["x", "case y in a", "b", "d", "esac", "fi"]),
        ("f() { a $1 $2; }\nb; f c; f d e", ["b", "a c ", "}", "a d e", "}"]),
        ("f() { a; }; b", ["b"]),
        ("f() ( a )\nb", ["b"]),
        ("f() (')'; a)\nb", ["b"]),
        ("function f {\n  a \"$@\"\n}\nif f 'b c' d; then e; fi", ["a b c d", "}", "e", "fi"]),
        ("f () (\n  cd x; a\n)\nf; b", ["cd x", "a", "b"]),
        ("f() { g() { a; }; g; g; }; b; f", ["b", "a", "}", "a", "}", "}"]),
        ("f() {\n  X=1\n  cat <<E\n}\nE\n}\na ${X:-no}; f; a $X", ["a no", "cat", "}", "a 1"]),
        ("f() { if a; then { b; }; fi; }; f", ["a", "b", "}", "fi", "}"]),
        ("f() { f; a; }; b", ["b"]),
        ("f() { a $*; }; f b c", ["a b c", "}"]),
        ("O='-s  -X POST'; a $O \"$O\" x$O", ["a -s -X POST -s  -X POST x-s -X POST"]),
        ("O='b c'; P=$O; a \"$P\" ", ["a b c"]),
        ("X=(b 'c d' # e\n  f); X+=(g); a \"${X[@]}\" ${X[1]} ${X[9]} ${Y[@]}", ["a b c d f g c d  {}"]),
        (': "${X:=b}"; a $X', [": b", "a b"]),
        ("X=a; X+=b; a $X", ["a ab"]),
        ("X+=b; a $X", ["a b"]),
        ("X=1; a ${X:+b}${Y:+c} x${EMPTY:+d}", ["a b{Y} x"]),
        ("f() { a ${X:-$2}; }; f b c", ["a c", "}"]),
        ("A=(b); c x${A[1]} ${A[0]}", ["c x b"]),
        ("A=(Xb one); d ${A[@]}", ["d Xb one"]),
        ("a; A=(b", ["a"]),
        ("A=(b \\\n  c \\\nd); e ${A[1]} ${A[2]}", ["e c d"]),
        ("A=(b); A=(c); d ${A[@]}", ["d c"]),
        ("A+=(b); c ${A[@]}", ["c b"]),
        ("f() {\nA=(b)\n}; c ${A[@]}", ["c {}"]),
        ("declare A=(b)\nc", ["c"]),
        ("a --x=(b)", ["a --x=", "b"]),
        ("a `(b` c", ["b", "a {} c"]),
        ("a ${WHO:-$(source b)}", ["a {}"]),
        ("X=1 a; b $X", ["a", "b {X}"]),
        (
            "for x in b; do a $x; done; for x in b c; do a $x; done",
            ["for x in b", "a b", "done", "for x in b c", "a c", "done"],
        ),
        (
            'f() { X=$1; shift; a $X $1 "$@"; shift 2; "$@"; }; f b c d e f',
            ["shift", "a b c c d e f", "shift 2", "e f", "}"],
        ),
        ("f() { shift; a $1; }; f", ["shift", "a ", "}"]),
        ("shift; a $1", ["shift", "a {}"]),
        (
            "f() { a; }; trap f EXIT; trap - EXIT; trap 'b' INT; trap",
            ["a", "}", "trap f EXIT", "trap - EXIT", "b", "trap b INT", "trap"],
        ),
        ("xargs -n 1 -I X a X; sudo -u b -E c; parallel -j 4 d", ["a X", "c", "d"]),
        ("((x = 1 << (2))); a $((1)); ((b); c)", ["a {}", "b", "c"]),
        ("eval 'a b; X=1'; c $X", ["a b", "eval a b; X=1", "c 1"]),
        ("f() { eval 'a $1'; trap 'b $1' EXIT; }; f c", ["a c", "eval a $1", "b c", "trap b $1 EXIT", "}"]),
        ("trap a; source; .; b", ["trap a", "source", ".", "b"]),
        ("for x in; do a $x; done", ["for x in", "a {x}", "done"]),
        ('a "b', ["a b"]),
        ("", []),
        ("''", [""]),
    ],
)
def test_a_script_is_read_as_a_shell_reads_it(script: str, expected: list[str]) -> None:
    """Quotes, comments, control words, variables, substitutions, here-documents and redirections."""
    assert told(script) == expected


def test_a_here_document_belongs_to_the_command_that_reads_it() -> None:
    """A shell that is fed one runs it; the next command does not get it."""
    found = list(commands("x\nbash <<E\ncurl a\nE\ny", KNOWN.get))
    assert [(one.program, one.stdin) for one in found] == [("x", ""), ("bash", "curl a\n"), ("y", "")]


@pytest.mark.parametrize(
    "script, fed",
    [
        ("echo a b | sh", "a b"),
        ("echo a |\n\nsh", "a"),
        ("echo a\nsh", ""),
        ("echo a; sh", ""),
        ("cat <<E |\na\nE\nsh", "a\n"),
        ("cat - <<E | sh\na\nE", "a\n"),
        ("b; cat <<E | sh\na\nE", "a\n"),
        ("b <<E |\na\nE\nsh", ""),
        ("echo a | X=1; sh", ""),
        ("f() { cat <<E; }; sh\na\nE", ""),
        ("f() { cat <<E; }; b; sh\na\nE", ""),
        ("echo a || sh", ""),
        ("echo a ||\nsh", ""),
        ("b|echo a|sh", "a"),
        ("echo a; b $(sh)", ""),
        ("| sh", ""),
    ],
)
def test_what_is_printed_is_read_behind_its_pipe_alone(script: str, fed: str) -> None:
    """Neither the next command nor one in a substitution reads it."""
    (shell,) = (one for one in commands(script, KNOWN.get) if one.program == "sh")
    assert shell.stdin == fed


def test_a_file_belongs_to_the_command_that_writes_it() -> None:
    """What is substituted in the command writes its own output elsewhere."""
    told_to = [(one.program, one.to) for one in commands("a\nb >f $(c)\nd\ne &>g", KNOWN.get)]
    assert told_to == [("a", ""), ("c", ""), ("b", "f"), ("d", ""), ("e", "g")]


@pytest.mark.parametrize(
    "moves, folder",
    [
        ("cd a; cd ./b", "a/./b"),
        ("cd a; cd /b", "/b"),
        ("cd a; cd /b/$WHERE", "/b/{WHERE}"),
        ("cd a; cd $WHERE", "a"),
        ("cd", ""),
        ("pushd a", "a"),
        ("cd -P a", "a"),
    ],
)
def test_a_command_runs_in_the_folder_that_cd_led_to(moves: str, folder: str) -> None:
    """One whose place nobody knows is passed over."""
    *_, last = commands(f"{moves}; x", KNOWN.get)
    assert last.directory == folder


@pytest.mark.parametrize(
    "script, told",
    [
        ("source x b", "b"),
        (". x b c", "b"),
        ("f() { . x; }; f b", "b"),
        ("f() { . x c; }; f b", "c"),
        (". x", "{}"),
    ],
)
def test_a_file_that_is_read_has_the_words_behind_it(script: str, told: str) -> None:
    """Or those of the function that reads it."""
    found = commands(script, nothing, sourced=lambda file, _: "a $1" if file == "x" else None)
    assert [one.words for one in found if one.program == "a"] == [("a", told)]


def test_a_bracket_leaves_the_folder_as_it_was() -> None:
    """What `cd` does in it goes on to its end."""
    found = [(one.program, one.directory) for one in commands("cd a; (cd b; x); y", KNOWN.get)]
    assert found == [("cd", "a"), ("cd", "a/b"), ("x", "a/b"), ("y", "a")]


def test_two_hundred_variables_are_handed_on() -> None:
    """More than anybody exports, and no more."""
    *_, last = commands("\n".join(f"export X{number}=1" for number in range(201)) + "\na", KNOWN.get)
    assert len(last.env) == 200


def test_a_value_of_twenty_thousand_signs_is_kept() -> None:
    """A longer one is not known."""
    assert told(f"X={'b' * 20_000}; a $X") == [f"a {'b' * 20_000}"]
    assert told(f"X={'b' * 20_001}; a $X") == ["a {}"]


def test_the_program_is_known_without_its_folder() -> None:
    """/usr/bin/curl is curl."""
    assert next(commands("/usr/bin/curl x", KNOWN.get)).program == "curl"


PIECES = [
    "a",
    " ",
    "\n",
    "'",
    '"',
    "`",
    "$(",
    ")",
    "(",
    "${",
    "}",
    "$X",
    "\\",
    "#",
    "<<E",
    "E",
    "<(",
    ";",
    "&&",
    "|",
    ">",
    "$((",
    "X=1",
    "f() {",
    "f ",
    "shift ",
    "$1",
    "$@",
    "$\N{SUPERSCRIPT TWO}",
    "X=(",
    "${X[@]}",
    "eval ",
    "((",
]


def test_substitutions_are_read_twenty_levels_deep() -> None:
    """As deep as anybody nests them; those that have ended count no more."""
    nested = "".join(f"c{level} $(" for level in range(30)) + ")" * 30
    assert {one.split()[0] for one in told(f"c0 $(c1)\n{nested}")} == {f"c{level}" for level in range(21)}


def test_definitions_are_read_twenty_levels_deep() -> None:
    """What holds more of them within each other is not read on; those that have ended count no more."""
    for levels, expected in ((20, ["a"]), (21, [])):
        nested = "f() {\n" * levels + "b\n" + "}\n" * levels
        assert told(f"g() {{ c; }}\n{nested}a") == expected


def test_functions_are_called_twenty_levels_deep() -> None:
    """One that calls itself comes to an end; those that have ended count no more."""
    assert told("g() { c; }; f() { f; a; }; g; f") == ["c", "}", *["a", "}"] * 20]


def test_what_a_shell_runs_from_another_text_has_a_budget() -> None:
    """It costs a hundred signs more than it holds; beyond it, nothing is followed."""
    for budget, expected in ((101, ["a", "eval a"]), (100, ["eval a"])):
        found = commands("eval a", nothing, budget=Budget(budget))
        assert [" ".join(command.words) for command in found] == expected


def test_values_have_a_budget() -> None:
    """Each costs its signs; beyond it, nobody knows it."""
    for budget, expected in ((13, "https://known"), (12, "{}")):
        assert [one.words for one in commands("a $KNOWN", KNOWN.get, budget=Budget(budget))] == [("a", expected)]
    assert list(commands("a", nothing, budget=Budget(-1))) == []


def test_property_any_text_is_read_to_its_end() -> None:
    """No text of shell signs, however mad, hangs or ends the reading with anything but commands."""
    dice = random.Random(20240)
    for _ in range(3000):
        text = "".join(dice.choice(PIECES) for _ in range(dice.randint(1, 40)))
        given = dice.choice([None, (), ("a", "b c")])
        assert all(command.words for command in commands(text, KNOWN.get, parameters=given)), text


def test_property_quoted_words_come_back_as_they_were() -> None:
    """Any words, in single quotes, are the words of the command."""
    dice = random.Random(7)
    for _ in range(500):
        words = ["".join(dice.choice('ab $`"\\#;&|<>(){}\n') for _ in range(dice.randint(0, 6))) for _ in range(3)]
        script = " ".join(["cmd", *(f"'{word}'" for word in words)])
        assert [command.words for command in commands(script, KNOWN.get)] == [("cmd", *words)]


@pytest.mark.parametrize(
    "text",
    ["$(" * 50_000, "`" * 99_999, "(" * 100_000, "'" * 99_999, "a " * 300_000, "then " * 60_000, "<<E\n" * 20_000],
)
def test_a_hostile_script_is_read_in_bounded_time(text: str) -> None:
    """Deep and long scripts neither end the process nor take minutes."""
    begun = time.monotonic()
    list(commands(text, KNOWN.get))
    assert time.monotonic() - begun < 20


@pytest.mark.parametrize(
    "script, told",
    [
        ("if x; then A=1; else A=2; fi; c $A", ["2", "1"]),
        ("if x; then A=1; elif y; then A=2; else A=3; fi; c $A", ["3", "1", "2"]),
        ("A=0; if x; then A=1; elif y; then A=2; fi; c $A", ["2", "1", "0"]),
        ("if x\nthen A=1\nfi\nc $A", ["1", "{A}"]),
        ("if x; then A=1; c $A; else A=2; c $A; fi", ["1", "2"]),
        ("if x; then A=1; else A=2; fi; if x; then B=3; else B=4; fi; c $A$B", ["24", "13"]),
        ("if x; then if y; then A=1; else A=2; fi; else A=3; fi; c $A", ["3", "1"]),
        ("if x; then A=0; if y; then A=1; fi; fi; c $A", ["1", "{A}"]),
        ("if x; then b; else c 1; fi", ["1"]),
        ("case $X in a) A=1 ;; b|d) A=2 ;; *) A=3 ;; esac; c $A", ["3", "1", "2"]),
        ("A=0\ncase $X in\n  a)\n    A=1\n    ;;\n  b) A=2\nesac\nc $A", ["2", "1", "0"]),
        ("[ x ] && A=1 || A=2; c $A", ["2", "1"]),
        ("A=0; [ x ] && [ y ] && A=1\nc $A", ["1", "0"]),
        ("A=0; [ x ] || A=1; c $A", ["1", "0"]),
        ("A=0; [ x ] &&\n  A=1\nc $A", ["1", "0"]),
        ("A=0; x && if y; then A=1; fi; c $A", ["1", "0"]),
        ("x && if y; then A=1; else A=2; fi; c $A", ["2", "1", "{A}"]),
        ("if x && y; then A=1; else A=2; fi; c $A", ["2", "1"]),
        ("case x in a) x && A=1 ;; *) A=2; esac; c $A", ["2", "1"]),
        ("A=0; (x && A=1); c $A", ["1", "0"]),
        ("for A in 1 2 3; do c $A; done", ["3", "1", "2"]),
        ('L=(1 2); for A in "${L[@]}"; do c $A; done', ["2", "1"]),
        ("for A in 1; do c $A; done", ["1"]),
        ("for A in 1 2; do for B in 1 2 3; do c $A$B; done; done", ["23", "11", "22"]),
        (f"for A in {' '.join('abcdefghijklmnopqrst')}; do c $A; done", list("tabcdefghijklmnopqrs")),
        (f"for A in {' '.join('abcdefghijklmnopqrstu')}; do c $A; done", ["{}"]),
        ("f() { if x; then A=1; else A=2; fi; }; f; c $A", ["2", "1"]),
        ("f() { if x; then A=1; fi; }; c $A", ["{A}"]),
        ("f() { case x in a) A=1;; esac; x && A=2; }; c $A", ["{A}"]),
        ("if x; then eval 'if x'; A=1; else A=2; fi; c $A", ["2", "1"]),
        ("if x; then $(if x); A=1; else A=2; fi; c $A", ["2", "1"]),
        ("A=0; fi; esac; A=1; c $A", ["1"]),
        ("if x; then A=1; else b; fi; c $A", ["1", "{A}"]),
        ("if x; then A=1; fi; for B in 1 2 3; do b; done; c $A", ["1", "{A}"]),
        ("if x; then esac; A=1; else A=2; fi; c $A", ["2", "1"]),
        ("A=0; if x; then A=1; elif y; then A=2; fi; if x; then B=1; else B=2; fi; c $A$B", ["22", "11", "02"]),
        ("for A in 1 2 3; do c $A; done; for B in 1; do x; done", ["3", "1", "2"]),
        ("case x in a) eval 'if y'; A=1;; *) A=2;; esac; c $A", ["2", "1"]),
        ("case x in a) $(if y); A=1;; *) A=2;; esac; c $A", ["2", "1"]),
        ("case x in a) f() { if y; then b; }; A=1;; *) A=2;; esac; c $A", ["2", "1"]),
        ("case x in a) f() { case y in q) b;; esac; }; A=1;; *) A=2;; esac; c $A", ["2", "1"]),
        ("if x; then f() { else b; }; A=1; else A=2; fi; c $A", ["2", "1"]),
        ("case x in *) A=1;; esac; c $A", ["1"]),
        ("case x in *) A=1;; b) A=2;; esac; c $A", ["2", "1"]),
        ("fi; else A=1; c $A", ["1"]),
        (
            "".join(f"if x; then A={one}; el" for one in "abcdefghijklmnopqrstu") + "se A=z; fi; c $A",
            list("zabcdefghijklmnopqrst"),
        ),
    ],
)
def test_a_command_comes_with_each_value_that_branches_give_it(script: str, told: list[str]) -> None:
    """The last one first; where no branch has to run, also with the one before."""
    found = [command.words[1] for command in commands(script, nothing) if command.words[0] == "c"]
    assert found == told


@pytest.mark.parametrize("does", ["c > $A", "cd $A; c", "echo $A | c"])
def test_a_command_may_differ_in_more_than_its_words(does: str) -> None:
    """Where it writes, where it runs and what it reads."""
    found = commands(f"if x; then A=1; else A=2; fi; {does}", nothing)
    assert [one.to + one.directory + one.stdin for one in found if one.program == "c"] == ["2", "1"]


def test_what_a_branch_exports_is_that_of_the_branch() -> None:
    """A script that is started has it from there."""
    script = "export B=0\nif x; then export A=1 B=1; else export A=2; fi\n./c"
    envs = [one.env for one in commands(script, nothing) if one.program == "c"]
    assert envs == [{"B": "1", "A": "2"}, {"B": "1", "A": "1"}, {"B": "0", "A": "2"}]


def test_a_script_is_read_again_as_far_as_there_is_room() -> None:
    """Each reading takes as much as the script is long."""
    script = "if x; then A=1; elif y; then A=2; else A=3; fi; c $A"
    for more, expected in ((0, ["3"]), (1, ["3", "1"]), (2, ["3", "1", "2"])):
        budget = Budget(len(script) * more + 10)
        assert [one.words[1] for one in commands(script, nothing, budget=budget) if one.program == "c"] == expected


@pytest.mark.parametrize(
    "script, times",
    [
        ("A=1; c $A", 0),
        ("if x; then b; fi; c $A", 0),
        ("if x; then A=1; fi; c $A", 2),
        ("if x; then A=1; else A=2; fi; c $A", 2),
        ("if x; then A=1; elif y; then A=2; fi; c $A", 3),
        ("if x; then A=1; elif y; then A=2; else A=3; fi; c $A", 3),
    ],
)
def test_a_script_is_read_again_once_for_each_branch(script: str, times: int) -> None:
    """And once for none of them, where none has to run: other scripts need the room as well."""
    budget = Budget()
    begun = budget.left
    list(commands(script, nothing, budget=budget))
    assert (begun - budget.left) // len(script) == times


@pytest.mark.parametrize(
    "word, told",
    [
        ("${A:-${B:-x}}", "x"),
        ("${A:-${KNOWN}/y}", "https://known/y"),
        ("${A:-${B:-${KNOWN}}}/z", "https://known/z"),
        ("${A:-${B:-${C:-x}}}", "x"),
        ("${A:-{}}", "{}}"),
        ("${KNOWN:-${B}}${A}", "https://known{A}"),
    ],
)
def test_a_default_may_have_one_itself(word: str, told: str) -> None:
    """As many levels deep as anybody nests them."""
    assert [one.words for one in commands(f"a {word}", KNOWN.get)] == [("a", told)]


@pytest.mark.parametrize("deep, told", [(49, ["2", "1"]), (50, ["2"])])
def test_blocks_are_followed_fifty_deep(deep: int, told: list[str]) -> None:
    """What lies deeper has the value that was assigned last."""
    script = "if x; then " * deep + "x && A=1 || A=2; c $A"
    assert [command.words[1] for command in commands(script, nothing) if command.words[0] == "c"] == told
