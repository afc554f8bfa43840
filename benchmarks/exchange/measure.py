"""Times commands in turn and prints `index seconds peak-KiB exit-code` for each run.

A process of its own, and a small one: what Linux reports as a child's peak memory begins with the memory of the
process that started it. So it imports nothing but `os`, `sys` and `time`.

    python3 -I -S measure.py ROUNDS COMMAND… -- COMMAND… -- …
"""

import os
import sys
import time


def once(command: "list[str]") -> "tuple[float, int, int]":
    """Seconds, peak memory in KiB and exit code of one whole process."""
    null = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_RDWR, 0) for number in (0, 1, 2)]
    started = time.perf_counter()
    child = os.posix_spawnp(command[0], command, os.environ, file_actions=null)
    _, status, usage = os.wait4(child, 0)
    return time.perf_counter() - started, usage.ru_maxrss, os.waitstatus_to_exitcode(status)


def main(rounds: int, words: "list[str]") -> None:
    """Run every command once a round, interleaved, after a round that is not counted."""
    commands: list[list[str]] = [[]]
    for word in words:
        if word == "--":
            commands.append([])
        else:
            commands[-1].append(word)
    for number in range(rounds + 1):
        for index, command in enumerate(commands):
            seconds, peak, code = once(command)
            if number:
                sys.stdout.write(f"{index} {seconds:.6f} {peak} {code}\n")


main(int(sys.argv[1]), sys.argv[2:])
