"""`mailproc`, and `python -m mailproc`."""

from __future__ import annotations

import sys

from mailproc.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
