"""Where the files that come with the program lie: letter templates and example configurations.

In a checkout (and an editable install of it) they are top-level folders beside the package; in an installed wheel they
are inside it, under `_data`. A package unpacked onto the disk is assumed: no zip imports.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def templates_folder() -> Path:
    """The letters as delivered: `<language>/<letter>/{subject.txt,body.txt,body.html}`."""
    return _folder("templates")


def config_folder() -> Path:
    """The example configurations as delivered."""
    return _folder("config")


def _folder(name: str) -> Path:
    installed = _PACKAGE / "_data" / name
    return installed if installed.is_dir() else _PACKAGE.parent / name
