"""What an action.yml starts: `python3 -I run.py <action>`, with the inputs as JSON in CHITTY_INPUTS.

Two tiers. The credential exchange and its revocation run at once, on the standard library alone: nothing is
installed in front of a secret. Every other action first gets the toolkit's locked packages.
"""

import os
import sys

if sys.version_info < (3, 10):  # noqa: UP036 - the runner decides which Python this is
    sys.exit(
        "::error title=Python is too old::ChittyOps needs Python 3.10 or newer. Add actions/setup-python before it."
    )

FIRST_TIER = ("getchitty-creds", "getchitty-creds-revoke")
SECOND_TIER = (
    "worker-build",
    "worker-deploy",
    "package-build",
    "package-publish",
    "compliance-check",
    "ecosystem-audit",
)


def main(arguments: "list[str]") -> int:
    """Run one action and return its exit code."""
    # -I keeps the script's own folder off the path; the packages lie one above it.
    folder = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100,PTH120 - pathlib costs an import
    sys.path[:] = [os.path.dirname(folder)] + [p for p in sys.path if os.path.abspath(p) != folder]  # noqa: PTH100,PTH120
    if len(arguments) != 1 or arguments[0] not in FIRST_TIER + SECOND_TIER:
        names = ", ".join(FIRST_TIER + SECOND_TIER)
        print(f"usage: python3 -I run.py ACTION\nACTION is one of: {names}", file=sys.stderr)
        return 2
    action = arguments[0]
    if action == "getchitty-creds-revoke":
        import signal

        # What is not revoked here stays valid: until the entry has its own rule, no signal may end this process.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
    if action in SECOND_TIER:
        from chittyactions.entries import second_tier

        return second_tier(action)
    module = __import__(f"chittyactions.entries.{action.replace('-', '_')}", fromlist=["main"])
    code = module.main()
    return int(code)


if __name__ == "__main__":
    try:
        code = main(sys.argv[1:])
    except KeyboardInterrupt:
        print("::error title=Cancelled::The job was cancelled before this step had its own rule for that.")
        code = 130
    sys.exit(code)
