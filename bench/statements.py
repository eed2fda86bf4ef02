"""The daemon with every statement it sends to its database written down: `python -m bench.statements FILE -c CONFIG run`.

FILE gets one JSON line per statement: the SQL and its values, what is no JSON as text.
"""

from __future__ import annotations

import json
import logging
import sys
from pathlib import Path
from typing import IO

from mailproc.cli.main import main


class Writer(logging.Handler):
    """Takes Tortoise's own log of statements."""

    def __init__(self, out: IO[str]) -> None:
        super().__init__()
        self._out = out

    def emit(self, record: logging.LogRecord) -> None:
        if isinstance(record.args, tuple) and len(record.args) == 2:
            sql, values = record.args
            self._out.write(json.dumps([str(sql), values], default=str) + "\n")
        else:
            self._out.write(json.dumps([record.getMessage(), []]) + "\n")


if __name__ == "__main__":
    log = logging.getLogger("tortoise.db_client")
    with Path(sys.argv[1]).open("w", encoding="utf-8") as out:
        log.addHandler(Writer(out))
        log.setLevel(logging.DEBUG)
        log.propagate = False
        sys.exit(main(sys.argv[2:]))
