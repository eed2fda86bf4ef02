"""`mailproc`, and `python -m mailproc`."""

from __future__ import annotations

import gc
import sys


def main() -> int:
    """Run one command; its exit code."""
    try:
        gc.disable()  # until the command is loaded: nothing of that is garbage
        from mailproc.cli.main import main as command  # Ctrl-C may come while all this is loaded

        return command()
    except KeyboardInterrupt:
        return 130  # as a shell says of SIGINT


if __name__ == "__main__":
    sys.exit(main())
