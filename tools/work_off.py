"""Work off a folder of raw mails with the real daemon, and account for every one: `python -m tools.work_off FOLDER`.

Every file below FOLDER is taken for one mail. They are laid into the inbox of a private Dovecot, the daemon is started with
`start = "all"`, its answers go into a sink. Ends with exit code 1 when a mail is not accounted for, an outcome is
unknown, or the log holds a traceback.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from pathlib import Path

from bench.stand import SUPPORT, Daemon, Stand, stand

_PATIENCE = 240.0  # seconds without progress: a mail that failed is tried again after one minute, then two
_OUTCOMES = frozenset({"message", "note", "action", "automatic", "duplicate", "quarantined"})


def files_below(folder: Path) -> list[Path]:
    """Every file, in a stable order."""
    return sorted(path for path in folder.rglob("*") if path.is_file())


def until_done(on: Stand, daemon: Daemon, count: int) -> bool:
    """Wait until all mails are handled and their letters settled; False when nothing moves any more."""
    before: tuple[object, ...] = ()
    moved = time.monotonic()
    while time.monotonic() - moved < _PATIENCE and daemon.process.poll() is None:
        daemon.look()
        handled = on.rows("SELECT COUNT(*) FROM inbound_mail WHERE state <> 'stored'")[0][0]
        letters = on.rows("SELECT COUNT(*) FROM outbox_mail WHERE state IN ('queued', 'sending', 'retry')")[0][0]
        if handled == count and not letters:
            return True
        if (handled, letters) != before:
            before, moved = (handled, letters), time.monotonic()
        time.sleep(0.2)
    return False


def outcomes(on: Stand, files: list[Path]) -> dict[Path, tuple[str, str]]:
    """What became of each file, with its reason: Dovecot gives UIDs in the order the files were laid."""
    known = {
        uid: (str(outcome) if state == "done" else str(state), str(reason))
        for uid, state, outcome, reason in on.rows("SELECT uid, state, outcome, reason FROM inbound_mail")
    }
    return {file: known.get(uid, ("missing", "never reached the spool")) for uid, file in enumerate(files, 1)}


def report(on: Stand, daemon: Daemon, files: list[Path], folder: Path) -> bool:
    """Print the account; True when it is whole."""
    became = outcomes(on, files)
    counted = Counter(outcome for outcome, _ in became.values())
    for outcome in sorted(_OUTCOMES | counted.keys()):
        print(f"{outcome:<12} {counted[outcome]:>6}")
    print(f"{'all':<12} {sum(counted.values()):>6} of {len(files)}")
    for outcome in ("quarantined", *sorted(counted.keys() - _OUTCOMES)):
        for file, (became_of_it, reason) in became.items():
            if became_of_it == outcome:
                print(f"  {outcome}: {file.relative_to(folder)}: {reason}")
    states = on.rows("SELECT letter, state, COUNT(*) FROM outbox_mail GROUP BY letter, state ORDER BY 1, 2")
    print("letters:", ", ".join(f"{count} {letter} {state}" for letter, state, count in states) or "none")
    log = daemon.log.read_text(errors="replace")
    tracebacks = log.count("Traceback (most recent call last)")
    print(f"tracebacks in the log: {tracebacks}")
    print(f"peak memory: daemon {daemon.peak / 1e6:.0f} MB, parser {daemon.parser_peak / 1e6:.0f} MB")
    return not tracebacks and not counted.keys() - _OUTCOMES and sum(counted.values()) == len(files)


def main() -> int:
    """Exit code 0 when everything is accounted for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--log", type=Path, help="keep the daemon's log here")
    parser.add_argument("--database", type=Path, help="keep the daemon's database here")
    options = parser.parse_args()
    files = files_below(options.folder)
    with stand() as on:
        on.dovecot.drop(SUPPORT, (file.read_bytes() for file in files))
        began = time.monotonic()
        with on.daemon() as daemon:
            done = until_done(on, daemon, len(files))
            seconds = time.monotonic() - began
        whole = report(on, daemon, files, options.folder)
        print(f"{seconds:.1f} s" + ("" if done else "; NOT DONE: nothing moved any more"))
        if options.log:
            options.log.write_bytes(daemon.log.read_bytes())
        if options.database:
            options.database.write_bytes(on.database.read_bytes())
    return int(not (whole and done))


if __name__ == "__main__":
    sys.exit(main())
