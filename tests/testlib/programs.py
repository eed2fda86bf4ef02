"""Programs of the machine that some tests need."""

from __future__ import annotations

import os
import shutil

import pytest


def without(reason: str) -> None:
    """Skip where something is missing, but fail where it was promised (CI sets MAILPROC_TEST_REQUIRE_SERVERS)."""
    if os.environ.get("MAILPROC_TEST_REQUIRE_SERVERS") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


def require(program: str, package: str) -> str:
    """Path of a program, else skip or fail, naming the Debian package to install."""
    found = shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
    if found is None:
        without(f"no {program}: install the Debian package {package}")
        raise AssertionError
    return found
