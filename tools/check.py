"""Run every gate, whatever the others say, and end with a table: `make check`."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

BIN = Path(sys.executable).parent
GATES: dict[str, list[str]] = {
    "lint": ["ruff", "check"],
    "format": ["ruff", "format", "--check"],
    "walls": ["lint-imports"],
    "types": ["mypy"],
    "house": ["pytest", "tests/house", "-q"],
}


def main() -> int:
    """Exit code 1 when any gate failed."""
    results: list[tuple[str, int, float]] = []
    for name, (program, *arguments) in GATES.items():
        print(f"--- {name}: {program} {' '.join(arguments)}", flush=True)
        began = time.monotonic()
        code = subprocess.run([BIN / program, *arguments], check=False, stdin=subprocess.DEVNULL).returncode
        results.append((name, code, time.monotonic() - began))
    print("\ngate      exit code   seconds")
    for name, code, seconds in results:
        print(f"{name:<9} {code:>9} {seconds:>9.1f}")
    return int(any(code for _, code, _ in results))


if __name__ == "__main__":
    sys.exit(main())
