"""`mailproc lifecycle`: the table that rules every status, drawn."""

from __future__ import annotations

import argparse

from mailproc.core.lifecycle import document, draw


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = commands.add_parser("lifecycle", help="the ticket's life, drawn from the table")
    form = command.add_mutually_exclusive_group()
    form.add_argument("--mermaid", action="store_true", help="only the diagram")
    form.add_argument("--markdown", action="store_true", help="the page docs/lifecycle.md (the default)")
    command.set_defaults(run=show)


async def show(options: argparse.Namespace) -> int:
    print(draw() if options.mermaid else document(), end="")
    return 0
