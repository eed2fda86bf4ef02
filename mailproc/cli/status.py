"""`mailproc status`: is all well? The exit code says it: 0 well, 1 something to look at, 2 something is broken."""

from __future__ import annotations

import argparse

from mailproc.cli import opened, terminal
from mailproc.clock import SystemClock
from mailproc.core.condition import Condition, Finding, Level, findings, worst
from mailproc.watch import measured

_COLOURS = {Level.OK: terminal.GREEN, Level.WARNING: terminal.YELLOW, Level.CRITICAL: terminal.RED}
_WORDS = 30  # the column findings are told in


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = commands.add_parser("status", help="is all well? (exit code 0: yes, 1: look at it, 2: broken)")
    style = command.add_mutually_exclusive_group()
    style.add_argument("--json", action="store_true", help="for scripts")
    style.add_argument("--prometheus", action="store_true", help="for a node exporter's textfile collector")
    command.set_defaults(run=status)


async def status(options: argparse.Namespace) -> int:
    settings, now = opened.settings(options), SystemClock().now()
    async with opened.database(options):
        condition = await measured(settings, now)
    found = findings(condition, now)
    if options.json:
        told = [{"name": each.name, "level": each.level.name, "words": each.words} for each in found]
        print(terminal.as_json({"level": worst(found).name, "findings": told}))
    elif options.prometheus:
        print(_metrics(condition, found), end="")
    else:
        for each in found:
            _show(each)
    return int(worst(found))


def _show(finding: Finding) -> None:
    mark = "ok" if finding.level is Level.OK else finding.level.name
    told = terminal.beside(f"{mark:<9} {finding.name}", terminal.harmless(finding.words), _WORDS)
    print(terminal.paint(mark, _COLOURS[finding.level]) + told.removeprefix(mark))


def _endings(condition: Condition) -> list[str]:
    certificates = [
        (line.name, line.certificate_until) for line in condition.lines if line.certificate_until is not None
    ]
    passwords = [(password.name, password.until) for password in condition.passwords]
    lines: list[str] = []
    for what, ends in (("certificate", certificates), ("password", passwords)):
        name = f"mailproc_{what}_end_seconds"
        told = [f'{name}{{connection="{line}"}} {end.timestamp():.0f}' for line, end in ends]
        lines += [f"# TYPE {name} gauge", *told] if told else []
    return lines


def _metrics(condition: Condition, found: tuple[Finding, ...]) -> str:
    """The text format of Prometheus, version 0.0.4."""
    gauges = {
        "mailproc_running": int(condition.running),
        "mailproc_inbound_waiting": condition.unhandled,
        "mailproc_inbound_quarantined": condition.quarantined,
        "mailproc_outbox_waiting": condition.unsent,
        "mailproc_outbox_dead_last_week": condition.dead,
        "mailproc_outbox_unknown_last_week": condition.unknown,
        "mailproc_suppressed_addresses": condition.suppressed,
        "mailproc_held_mails": condition.held,
    }
    if condition.disk_free is not None:
        gauges["mailproc_disk_free_bytes"] = condition.disk_free
    lines = [f"# TYPE {name} gauge\n{name} {value}" for name, value in gauges.items()]
    lines += _endings(condition)
    lines.append("# TYPE mailproc_level gauge")
    lines += [f'mailproc_level{{finding="{each.name}"}} {int(each.level)}' for each in found]
    return "\n".join(lines) + "\n"
