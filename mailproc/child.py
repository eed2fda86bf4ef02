"""Processes of ours: how they are started, and ended whatever they are doing."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from pathlib import Path


async def start(
    module: str, *arguments: str
) -> tuple[asyncio.subprocess.Process, asyncio.StreamWriter, asyncio.StreamReader]:
    """A process that runs this module, what it is asked by, and what it answers by. It gets nothing of our environment.

    Raises OSError.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-P", "-X", "utf8", "-W", "ignore", "-m", module, *arguments),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={"PYTHONPATH": str(Path(__file__).parents[1]), "PYTHONDONTWRITEBYTECODE": "1"},
        start_new_session=True,  # an interrupt from the terminal is the daemon's to handle
        limit=1 << 20,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    return process, process.stdin, process.stdout


async def end(process: asyncio.subprocess.Process) -> None:
    """End it, and wait for it. Safe to call twice."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.close()
    if process.returncode is None:
        # Not by asyncio's kill(): that may collect the exit status before the loop's watcher does, and lose it.
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)
    # Read to the end: the transport is closed only when both pipes are.
    with contextlib.suppress(OSError):
        while await process.stdout.read(1 << 20):
            pass
    await process.wait()
    with contextlib.suppress(OSError):
        await process.stdin.wait_closed()
