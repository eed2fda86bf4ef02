"""What must hold when the story is over: each promise looked up in the world and in the database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mailproc.core.lifecycle import Outcome, Status
from mailproc.demo import story
from mailproc.demo.people import subject_of, words_of
from mailproc.demo.servers import Delivered, World, bare
from mailproc.store import history, inbound, tickets

_AGENTS = {story.ANNA, story.BEN}
_MANY = 1000


@dataclass(frozen=True, slots=True)
class Promise:
    """A promise, and whether it was kept."""

    words: str
    kept: bool


async def all_of(world: World) -> list[Promise]:
    """Every promise of the story, looked up."""
    received = await inbound.listing("", _MANY)
    to_desk = [mail for mail in world.delivered if bare(mail.recipient) == story.SUPPORT]
    lines = {line.number: line for line in await tickets.listing((), "", _MANY)}
    ends = {number: (line.status, line.outcome) for number, line in lines.items()}
    confirmed = (Status.CLOSED.value, Outcome.CONFIRMED.value)
    silent = (Status.CLOSED.value, Outcome.UNCONFIRMED.value)
    handled = sum(line.state == "done" for line in received)
    story_of = {number: await history.of_ticket(number) for number in lines}
    kinds = {number: Counter(entry.kind for entry in entries) for number, entries in story_of.items()}
    return [
        Promise(
            f"nothing lost ({handled} of {len(to_desk)} mails accounted for)", handled == len(to_desk) == len(received)
        ),
        Promise("nothing twice", not list(_twice(world.delivered))),
        Promise("no robot answered", not _to(world, story.ROBOT)),
        Promise("no note leaked", not any(story.NOTE in words for words in _texts(_outside(world)))),
        Promise("no agent's address leaked", not any(a in words for words in _texts(_outside(world)) for a in _AGENTS)),
        Promise(
            "a number in the subject opened nothing",
            all("#3]" in subject_of(mail) for mail in _to(world, story.STRANGER)),
        ),
        Promise(
            "a stranger with a real token stayed outside", any(e.reason.startswith("a stranger") for e in story_of[1])
        ),
        Promise("confirmed by a button: closed, surveyed, rated", ends[1] == confirmed and kinds[1]["rated"] == 1),
        Promise("confirmed in German words: closed", ends[2] == confirmed),
        Promise(
            "a refused answer was told to its agent", any("550" in words for words in _texts(_to(world, story.BEN)))
        ),
        Promise("denied: reopened; silent: reminded and closed", ends[5] == silent and _reopened(story_of[5]) == 1),
        Promise("machines say that they are machines, people don't", all(_honest(mail) for mail in _outside(world))),
    ]


def _to(world: World, address: str) -> list[Delivered]:
    return [mail for mail in world.delivered if bare(mail.recipient) == address]


def _outside(world: World) -> list[Delivered]:
    """What left the desk for people who are not agents."""
    inside = {*_AGENTS, story.SUPPORT}
    return [
        mail
        for mail in world.delivered
        if bare(mail.recipient) not in inside and f"@{_domain()}" in mail.header("From")
    ]


def _domain() -> str:
    return story.SUPPORT.partition("@")[2]


def _twice(mails: Iterable[Delivered]) -> Iterator[str]:
    counted = Counter((mail.header("Message-ID"), mail.recipient) for mail in mails)
    yield from (identity for (identity, _), count in counted.items() if count > 1)


def _texts(mails: Iterable[Delivered]) -> Iterator[str]:
    yield from map(words_of, mails)


def _reopened(entries: Iterable[history.Entry]) -> int:
    return sum(entry.kind == "status" and f"-> {Status.REOPENED}" in entry.text for entry in entries)


def _honest(mail: Delivered) -> bool:
    """RFC 3834, 5: machine mail is marked; an agent's words, sent under the agent's name, are not."""
    human = " at Acme Support" in mail.header("From")
    return human != bool(mail.header("Auto-Submitted"))
