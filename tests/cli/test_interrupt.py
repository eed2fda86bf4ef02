"""Ctrl-C before anything has begun."""

from __future__ import annotations

import sys
from importlib.abc import MetaPathFinder

import pytest

from mailproc.__main__ import main


class Interrupted(MetaPathFinder):
    def find_spec(self, name: str, *_: object) -> None:
        if name == "mailproc.cli.main":
            raise KeyboardInterrupt


def test_ctrl_c_while_the_program_is_loaded_leaves_without_a_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "meta_path", [Interrupted(), *sys.meta_path])
    monkeypatch.delitem(sys.modules, "mailproc.cli.main", raising=False)
    assert main() == 130
