"""`mailproc check`: everything that can be wrong before the daemon starts, each with its cause and mend."""

from __future__ import annotations

import argparse
import asyncio
import secrets
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from enum import StrEnum

from mailproc.accounts import imap_account, smtp_account
from mailproc.app import canned_of, keys_of, letters_of
from mailproc.cli import opened, terminal
from mailproc.clock import SystemClock
from mailproc.core.message import Address
from mailproc.core.tokens import plus_address
from mailproc.inbox.imap import ImapSource
from mailproc.inbox.source import Shelf, Unreachable, WrongPassword
from mailproc.mime.compose import Automation, OutgoingMail, compose
from mailproc.outbox.smtp import SmtpTransport
from mailproc.outbox.transport import Deferred, Reason, Refused, Sent, Unknown
from mailproc.settings import MailboxSettings, Settings
from mailproc.settings_errors import ConfigurationError
from mailproc.settings_example import example
from mailproc.store import db, schema

_ROUND_TRIP_SECONDS = 30.0
_WORDS = 36  # the column findings are told in
_TOKEN_LENGTH = 47  # characters of a token where tickets and people have been millions
_HEADER_LOOK = 20  # newest mails looked through for the one that came back


class Result(StrEnum):
    OK = "ok"
    WARNING = "warning"
    FAILED = "FAILED"


_COLOURS = {Result.OK: terminal.GREEN, Result.WARNING: terminal.YELLOW, Result.FAILED: terminal.RED}


_UNREACHED = "Mend host, port or security"
_UNPROTECTED = f"{_UNREACHED}, or name the certificates to trust in ca_file"
_MENDS = {Reason.LOGIN: "Mend user or password", Reason.TLS: _UNPROTECTED}
#: Folders that are written to, by their settings: with what, what becomes of that without them, and what is the mend.
_FOLDERS = {
    "processed": ("mail", "handled mail would stay where it is", "name another folder in imap.processed"),
    "failed": ("mail", "handled mail would stay where it is", "name another folder in imap.failed"),
    "sent": ("answer", "answers would have no copies", 'name another folder in imap.sent, or "" for no copies'),
}
_SHELVES = {
    Shelf.READ_ONLY: "may only be read",
    Shelf.FORBIDDEN: "is missing, and the account may not create it",
    Shelf.OUTSIDE: "is missing, and can't be created outside the server's namespaces",
    Shelf.MISNAMED: "can't be created, for a part of its name is empty",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    what: str
    result: Result
    words: str  # what was seen, or the cause and the mend


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = commands.add_parser("check", help="configuration, letters, database, servers: before the daemon starts")
    command.add_argument("--offline", action="store_true", help="leave the mail servers alone")
    command.add_argument(
        "--example", action="store_true", help="print a configuration with every setting, and do nothing"
    )
    command.add_argument("--json", action="store_true", help="for scripts")
    command.set_defaults(run=check)


async def check(options: argparse.Namespace) -> int:
    if options.example:
        print(example(), end="")
        return 0
    settings = opened.settings(options)
    findings = [Finding("configuration", Result.OK, str(options.config))]
    if not options.json:
        _show(findings[0])
    async for finding in _findings(settings, offline=options.offline):
        findings.append(finding)
        if not options.json:
            _show(finding)
    if options.json:
        print(terminal.as_json([{"what": f.what, "result": f.result, "words": f.words} for f in findings]))
    return 1 if any(finding.result is Result.FAILED for finding in findings) else 0


def _show(finding: Finding) -> None:
    mark = finding.result.value
    first, *more = finding.words.split("\n")
    told = terminal.beside(f"{mark:<8} {finding.what}", first, _WORDS)
    print(terminal.paint(mark, _COLOURS[finding.result]) + told.removeprefix(mark), flush=True)
    for line in more:
        print(terminal.beside("", line, _WORDS), flush=True)


async def _findings(settings: Settings, *, offline: bool) -> AsyncIterator[Finding]:
    yield _trust(settings)
    yield _keys(settings)
    yield _letters(settings)
    yield await _database(settings)
    for name, mailbox in () if offline else settings.mailbox.items():
        reads = await _imap(name, mailbox)
        yield reads
        if reads.result is Result.OK:
            for setting in _FOLDERS:
                yield await _folder(name, mailbox, setting)
        sends = await _smtp(name, mailbox)
        yield sends
        if reads.result is Result.OK and sends.result is Result.OK and mailbox.plus_addressing:
            yield await _round_trip(name, mailbox)


def _trust(settings: Settings) -> Finding:
    trust = settings.agents
    if trust.trust == "token":
        words = 'agents.trust = "token": whoever gets hold of a notification can answer as its agent. '
        return Finding(
            "agents", Result.WARNING, words + 'Better: set trusted_authserv_ids, and trust = "authenticated".'
        )
    if not trust.trusted_authserv_ids:
        words = (
            "agents.trusted_authserv_ids is empty: no agent's mail will be believed. Name what your mail server writes "
        )
        return Finding("agents", Result.FAILED, words + 'first in Authentication-Results, or set trust = "token".')
    return Finding("agents", Result.OK, f"believed by dmarc=pass from {', '.join(trust.trusted_authserv_ids)}")


def _keys(settings: Settings) -> Finding:
    try:
        keys_of(settings)
    except ValueError as error:
        return Finding("tokens", Result.FAILED, f"tokens.key: {error}. Make one: openssl rand -hex 32")
    return Finding("tokens", Result.OK, f"key {settings.tokens.number}, {len(settings.tokens.old_keys)} old ones")


def _letters(settings: Settings) -> Finding:
    try:
        letters_of(settings, proven=False)
        canned_of(settings)
    except ConfigurationError as error:
        return Finding("letters", Result.FAILED, str(error))
    return Finding("letters", Result.OK, "every template loads")


async def _database(settings: Settings) -> Finding:
    url = settings.store.url
    if db.dialect_of(url) == "sqlite" and not db.sqlite_path(url).exists():
        folder = db.sqlite_path(url).parent
        if not folder.is_dir():
            return Finding(
                "database", Result.FAILED, f"store.url: the folder {folder} does not exist; create it or name another"
            )
        return Finding("database", Result.OK, f"{db.sqlite_path(url)} will be made at the first start")
    try:
        with db.in_words():
            async with db.connected(url) as connection:
                waiting = await schema.pending(connection)
    except db.DatabaseError as error:
        return Finding("database", Result.FAILED, str(error))
    words = f"{len(waiting)} schema steps will be applied at the next start" if waiting else "schema is up to date"
    return Finding("database", Result.OK, words)


async def _imap(name: str, mailbox: MailboxSettings) -> Finding:
    what, account = f"mailbox.{name}.imap", imap_account(mailbox)
    source = ImapSource(account)
    try:
        shown = await source.open()
    except WrongPassword as error:
        return Finding(what, Result.FAILED, f"{account.user} is not let in: {error}. Mend user or password.")
    except Unreachable as error:
        mend = _UNPROTECTED if isinstance(error.__cause__, ssl.SSLError) else _UNREACHED
        mend = f"Mend mailbox.{name}.imap.folder" if "select failed" in str(error) else mend  # as imaplib says it
        return Finding(what, Result.FAILED, f"{account.host}:{account.port}: {error}. {mend}.")
    finally:
        await source.close()
    return Finding(what, Result.OK, f"{account.user} reads {account.folder}, next UID {shown.uidnext}")


async def _folder(name: str, mailbox: MailboxSettings, setting: str) -> Finding:
    """What is written to a folder of ours. Only looked at: the daemon makes what is missing."""
    folder, source = str(getattr(mailbox.imap, setting)), ImapSource(imap_account(mailbox))
    first, otherwise, mend = _FOLDERS[setting]
    if not folder:
        return Finding(f"mailbox.{name} {setting}", Result.OK, f'imap.{setting} = "": no copies are made')
    marked = ""
    try:
        await source.open()
        if setting == "sent" and (own := await source.sent_folder(folder)) != folder:
            folder, marked = own, ", marked by the server as the one for sent mail"
        look = await source.look_at(folder)
    except (Unreachable, WrongPassword) as error:
        words = f"could not be looked at: {error}. Mend the name in imap.{setting}."
        return Finding(f"mailbox.{name} {folder}", Result.FAILED, words)
    finally:
        await source.close()
    what, begin = f"mailbox.{name} {folder}", _beginning(look.prefix)
    match look.shelf:
        case Shelf.READY:
            return Finding(what, Result.OK, f"is there and may be written to{marked}")
        case Shelf.MISSING:
            return Finding(what, Result.OK, f"will be created at the first {first}" + (f".{begin}" if begin else ""))
        case trouble:
            words = f"{_SHELVES[trouble]}{marked}, so {otherwise}.{begin} Mend the mailbox's rights, or {mend}."
            return Finding(what, Result.FAILED, words)


def _beginning(prefix: str) -> str:
    return f' The account\'s folders begin with "{prefix}".' if prefix else ""


async def _smtp(name: str, mailbox: MailboxSettings) -> Finding:
    what, account = f"mailbox.{name}.smtp", smtp_account(mailbox, 1)
    transport = SmtpTransport(account)
    try:
        trouble = await transport.try_login()
    finally:
        await transport.close()
    if isinstance(trouble, Deferred):
        mend = _MENDS.get(trouble.reason, _UNREACHED)
        return Finding(what, Result.FAILED, f"{account.host}:{account.port}: {_said(trouble)}. {mend}.")
    return Finding(what, Result.OK, f"{account.host}:{account.port} takes mail")


def _said(outcome: Deferred | Refused | Unknown) -> str:
    """The server's words, with its code; or what happened instead of words."""
    code = outcome.code if not isinstance(outcome, Unknown) and outcome.code else ""
    return f"{outcome.reason}: {code} {outcome.reply}".replace("  ", " ").strip(" :.")


async def _round_trip(name: str, mailbox: MailboxSettings) -> Finding:
    """A mail to our own plus-address must come back, or answers would get lost."""
    what, mark = f"mailbox.{name} round trip", secrets.token_hex(8)
    address = plus_address(mailbox.address, f"check-{mark}".ljust(_TOKEN_LENGTH, "0"))
    if address is None:
        words = "is too long for tokens behind a +: they travel in Message-IDs and subjects, as with plus_addressing = false"
        return Finding(what, Result.WARNING, f"{mailbox.address} {words}")
    inbox, transport = imap_account(mailbox), SmtpTransport(smtp_account(mailbox, 1))
    source, filed = ImapSource(inbox), ImapSource(replace(inbox, folder=mailbox.imap.processed))
    try:
        folders = [(source, (await source.open()).uidnext)]
        sent = await transport.send(mailbox.address, address, compose(_letter(mailbox.address, address, mark)))
        if not isinstance(sent, Sent):
            words = f"a mail to {address} was not taken: {_said(sent)}. "
            return Finding(
                what, Result.FAILED, words + "Teach the server plus-addresses, or set plus_addressing = false."
            )
        async with asyncio.timeout(_ROUND_TRIP_SECONDS):
            while not any([await _came_back(folder, before, mark) for folder, before in folders]):
                await source.news(1.0)
                # A running daemon puts it where handled mail lies; the first makes that folder.
                if len(folders) == 1 and (await source.look_at(mailbox.imap.processed)).shelf is Shelf.READY:
                    folders.append((filed, (await filed.open()).uidnext - _HEADER_LOOK))
    except TimeoutError:
        words = f"a mail to {address} did not come back within {_ROUND_TRIP_SECONDS:.0f} s. "
        return Finding(what, Result.FAILED, words + "Teach the server plus-addresses, or set plus_addressing = false.")
    except (Unreachable, WrongPassword) as error:
        return Finding(what, Result.FAILED, str(error))
    finally:
        await source.close()
        await filed.close()
        await transport.close()
    return Finding(what, Result.OK, f"a mail to {address} came back")


def _letter(own: str, address: str, mark: str) -> OutgoingMail:
    domain = own.rpartition("@")[2]
    return OutgoingMail(
        sender=Address(own, "mailproc"),
        reply_to="",
        to=(Address(address),),
        cc=(),
        subject=f"mailproc check {mark}",
        message_id=f"<check.{mark}@{domain}>",
        in_reply_to="",
        references=(),
        date=SystemClock().now(),
        text="This mail was sent by `mailproc check` to itself. It may be deleted.\n",
        automatic=Automation.GENERATED,
    )


async def _came_back(source: ImapSource, before: int, mark: str) -> bool:
    uids = await source.after(max(before - 1, 0), 0)
    for uid in uids[-_HEADER_LOOK:]:
        header = await source.fetch_header(uid)
        if header is not None and mark.encode() in header:
            return True
    return False
