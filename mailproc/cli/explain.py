"""`mailproc explain FILE.eml`: what would be done with a mail, step by step. Nothing is stored, nothing is sent."""

from __future__ import annotations

import argparse
from pathlib import Path

from mailproc.app import desk_of, parser_limits
from mailproc.cli import opened, terminal
from mailproc.cli.opened import database
from mailproc.clock import SystemClock
from mailproc.core.effects import AddMessage, Effect, GiveTo, Move, TellAgents
from mailproc.core.facts import Facts
from mailproc.core.message import Message
from mailproc.handling import pipeline
from mailproc.handling.gather import gather, read
from mailproc.mime.pool import ParseFailed, ParserPool
from mailproc.settings import Settings
from mailproc.store.inbound import SpooledMail


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = commands.add_parser("explain", help="what would be done with a mail, step by step, sending nothing")
    command.add_argument("file", type=Path, help="a raw mail")
    command.add_argument("--mailbox", default="", help="as if it came to this one (default: the first)")
    command.add_argument("--json", action="store_true", help="for scripts")
    command.set_defaults(run=explain)


async def explain(options: argparse.Namespace) -> int:
    settings = opened.settings(options)
    mailbox = options.mailbox or next(iter(settings.mailbox))
    if mailbox not in settings.mailbox:
        return terminal.fail(f"There is no mailbox {mailbox!r}; known: {', '.join(settings.mailbox)}.")
    try:
        content = options.file.read_bytes()
    except OSError as error:
        return terminal.fail(f"{options.file}: can't be read: {error.strerror}.")
    lines = await _explained(options, settings, mailbox, content)
    if options.json:
        print(terminal.as_json(dict(lines)))
        return 0
    for name, value in lines:
        for number, part in enumerate(value if isinstance(value, list) else [value] if value else []):
            print(terminal.beside("" if number else name, part, 14))
    return 0


async def _explained(
    options: argparse.Namespace, settings: Settings, mailbox: str, content: bytes
) -> list[tuple[str, str | list[str]]]:
    now = SystemClock().now()
    async with database(options), ParserPool(1, parser_limits(settings)) as parser:
        desk = await desk_of(settings)
        try:
            parsed = await read(desk, parser, content, now)
        except ParseFailed as failure:
            return [("decision", f"quarantine: {failure}")]
        facts = await gather(desk, SpooledMail(0, mailbox, content, False, now, 1), parsed, now)
    return [*_read(parsed.mail.message), *_known(facts), *_decided(pipeline.run(facts))]


def _read(message: Message) -> list[tuple[str, str | list[str]]]:
    enclosed = [f"{part.filename} ({part.content_type}, {part.size} bytes)" for part in message.attachments]
    return [
        ("from", ", ".join(address.address for address in message.from_)),
        ("from trouble", "; ".join(message.from_defects)),
        ("subject", message.subject),
        ("message-id", message.message_id),
        ("attachments", enclosed),
        ("mended", "; ".join(message.defects)),
    ]


def _known(facts: Facts) -> list[tuple[str, str | list[str]]]:
    ticket, robot = facts.match.ticket, facts.automatic
    return [
        ("robot", f"{robot.kind}: {robot.rule} ({robot.evidence})" if robot else "no"),
        ("ticket", f"#{ticket.number} {ticket.status}" if ticket else "none"),
        ("found by", facts.match.by.value),
        (
            "sender is",
            facts.agent.name
            if facts.agent
            else ticket.role_of(facts.sender.id if facts.sender else None)
            if ticket
            else "new here",
        ),
        ("proven", f"{facts.evidence.level}: {facts.evidence.reason}"),
        ("answerable", facts.unanswerable or "yes"),
        ("new words", facts.text[:500]),
    ]


def _decided(trace: pipeline.Trace) -> list[tuple[str, str | list[str]]]:
    decision = trace.decision
    steps = " > ".join(trace.steps)
    effects = [_effect(effect) for effect in decision.effects] or ["nothing"]
    reason = decision.reason.value + (f": {decision.why}" if decision.why else "")
    return [("steps", steps), ("decision", f"{decision.outcome}: {reason}"), ("would do", effects)]


def _effect(effect: Effect) -> str:
    name = type(effect).__name__
    match effect:
        case Move(transition=moved):
            return f"{name} {moved.before} -> {moved.after}"
        case AddMessage(kind=kind, private=private):
            return f"{name} {kind}{' (private)' if private else ''}"
        case TellAgents(agents=agents, news=news):
            return f"{name} {news}: {', '.join(agents)}"
        case GiveTo(agent=agent, team=team):
            return f"{name} {agent or team}"
        case _:
            return name
