"""Addresses outside the desk that tickets go to by command: none may be of the desk itself, where mail would go in circles."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from mailproc.settings_errors import Key, Wrong


def developers(address: str, own: Collection[str]) -> dict[Key, Wrong]:
    """Where `#ask engineering` goes. `own`: the desk's addresses, case folded."""
    if address.casefold() not in own:
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
        elif address.casefold() in own:
            where = f"{address} is a mailbox or an agent of this desk"
            problems[key] = Wrong(where, "Name an address outside this desk; our own get tickets by #assign")
    return problems
