"""Programs of the machine that some tests need."""

from __future__ import annotations

import os
import shutil

import pytest


def require(program: str, package: str) -> str:
    """Path of a program. Where there is none the test is skipped, naming the Debian package to install.

    Where servers were promised (MAILPROC_TEST_REQUIRE_SERVERS=1, as in CI) it fails.
    """
    found = shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
    if found is not None:
        return found
    reason = f"no {program}: install the Debian package {package}"
    if os.environ.get("MAILPROC_TEST_REQUIRE_SERVERS") == "1":
        pytest.fail(reason)
    pytest.skip(reason)
