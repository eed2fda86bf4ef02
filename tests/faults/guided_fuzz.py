"""Mails bred by what they make the parser do: atheris keeps each mutant that reaches new code, and mutates it on.

    python -m tests.faults.guided_fuzz [SECONDS]

Beside `test_fuzz`, whose mutants are blind. Atheris (libFuzzer) has no wheels for every Python: where it can't be
imported this says so and ends well.
"""

from __future__ import annotations

import importlib.util
import sys
import tempfile
from pathlib import Path


def main() -> int:
    seconds = sys.argv[1] if len(sys.argv) > 1 else "120"
    if importlib.util.find_spec("atheris") is None:
        sys.stderr.write("atheris is not there (pip install atheris): the guided fuzzing is left out\n")
        return 0
    import atheris

    with atheris.instrument_imports(include=["mailproc.mime", "mailparser", "flufl"]):
        from tests.faults.test_fuzz import LONGEST, check, corpus  # what is imported here is watched
    with tempfile.TemporaryDirectory(prefix="mailproc-fuzz-") as folder:
        for number, mail in enumerate(corpus()):
            (Path(folder) / str(number)).write_bytes(mail)
        options = [f"-max_total_time={seconds}", f"-max_len={LONGEST}", "-timeout=20", "-rss_limit_mb=1024", folder]
        atheris.Setup([sys.argv[0], *options], check)
        atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main())
