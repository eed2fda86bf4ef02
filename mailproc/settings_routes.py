"""Where tickets go by command, and mail once it is handled: to no place the desk itself reads, where it would go in circles."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from mailproc.core.subaddress import within
from mailproc.settings_errors import Key, Wrong


def developers(address: str, own: Collection[str]) -> dict[Key, Wrong]:
    """Where `#ask engineering` goes. `own`: the desk's addresses, case folded."""
    if not within(address, own):
        return {}
    mend = "Name an address outside this desk; an agent is asked by #note @NAME"
    return {("desk", "development"): Wrong(f"{address} is a mailbox or an agent of this desk", mend)}


def handoffs(named: Mapping[str, str], own: Collection[str], teams: Collection[str]) -> dict[Key, Wrong]:
    """Where `#handoff` goes. `teams`: the desk's own, case folded, by all their names."""
    problems: dict[Key, Wrong] = {}
    seen: dict[str, str] = {}
    for name, address in named.items():
        first, key = seen.setdefault(name.casefold(), name), ("desk", "handoff", name)
        if not name.strip():
            problems[key] = Wrong("a team needs a name", "Write it as #handoff NAME takes it")
        elif first != name:
            problems[key] = Wrong(f'"{first}" is there already', "Capital letters tell no teams apart; rename one")
        elif name.casefold() in teams:
            problems[key] = Wrong(f'"{name}" is a team of this desk', "Rename it; our own get tickets by #assign")
        elif not address:
            problems[key] = Wrong("has no address", "Name the address of that team")
        elif within(address, own):
            where = f"{address} is a mailbox or an agent of this desk"
            problems[key] = Wrong(where, "Name an address outside this desk; our own get tickets by #assign")
    return problems


@dataclass(frozen=True, slots=True)
class Folders:
    """What a mailbox reads and writes to, within its account."""

    host: str
    user: str
    read: str
    written: Mapping[str, str]  # by their settings

    def place(self, folder: str) -> tuple[str, str, str]:
        """Of folders INBOX alone is the same in capitals and small letters (RFC 9051, 5.1), and any host is (RFC 4343)."""
        return self.host.casefold(), self.user, "INBOX" if folder.upper() == "INBOX" else folder


def folders(mailboxes: Mapping[str, Folders]) -> dict[Key, Wrong]:
    """Each is read by one mailbox: two would answer every mail twice. And written to by none: it would never end."""
    problems: dict[Key, Wrong] = {}
    readers: dict[tuple[str, str, str], str] = {}
    for name, own in mailboxes.items():
        first = readers.setdefault(own.place(own.read), name)
        if first != name:
            mend = "A folder is read by one mailbox; have the server sort mail into another"
            problems["mailbox", name, "imap", "folder"] = Wrong(f"mailbox.{first} reads {own.read} already", mend)
    for name, own in mailboxes.items():
        for setting, folder in own.written.items():
            reader = readers.get(own.place(folder))
            if reader is not None:
                cause = f"mailbox.{reader} reads {folder}: what is put there would come in again, for ever"
                problems["mailbox", name, "imap", setting] = Wrong(cause, "Name another folder")
    return problems
