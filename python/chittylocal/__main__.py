"""`python -m chittylocal`."""

from __future__ import annotations

import sys

from chittylocal.cli import main

if __name__ == "__main__":
    sys.exit(main())
