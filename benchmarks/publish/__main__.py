"""What a publish costs: three channels against the slowest one alone, and the upload to R2 against the library.

python -m benchmarks.publish            both, with their defaults; exit code 1 when either is beyond its limit
python -m benchmarks.publish.channels   the first, with options
python -m benchmarks.publish.r2         the second, with options
"""

from __future__ import annotations

import sys

from benchmarks.publish import channels, r2


def main() -> int:
    """Measure both."""
    first = channels.main([])
    print()
    return max(first, r2.main([]))


if __name__ == "__main__":
    sys.exit(main())
