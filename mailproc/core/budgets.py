"""How many automatic letters may leave: what ends a war of robots, and holds a flood until a person has looked.

A letter of an agent is never counted here and never stopped. Most of our letters follow from something an agent did,
once each, and so can't run wild; an acknowledgement follows from any mail, and has two budgets of its own. What answers an
agent's mails has one: a robot that nothing marks as one may write from their address.

Budgets must not become a weapon: whoever forges many names would use up what other people need. So acknowledgements to
strangers are counted apart, and everybody else's letters are measured by what is not a stranger's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import assert_never

from mailproc.core.letters import Letter

#: Letters that no agent asks for.
BUDGETED = frozenset({
    Letter.ACKNOWLEDGEMENT, Letter.OVERSIZE, Letter.REMINDER, Letter.CLOSURE, Letter.REOPENED, Letter.SURVEY,
})  # fmt: skip

#: Letters that answer a mail nobody has read yet.
ACKNOWLEDGING = frozenset({Letter.ACKNOWLEDGEMENT, Letter.OVERSIZE})

#: What an agent's own mail is answered with.
ANSWERING = frozenset({Letter.RECEIPT, Letter.HELD, Letter.CONFIRMATION, Letter.HELP})


@dataclass(frozen=True, slots=True)
class Window:
    """At most so many within any such span of time."""

    most: int
    span: timedelta


class Stopped(StrEnum):
    """Why an automatic letter does not leave; shown in the history and counted by `mailproc status`."""

    ADDRESS = "too many automatic letters to this address"
    TICKET = "too many automatic letters about this ticket"
    DOMAIN = "held: too many automatic letters to this domain"
    UNANSWERED = "acknowledged often enough: no agent has written there since"
    UNPROVEN = "acknowledged lately, and nothing proves who writes"
    FAILED = "mail there failed lately"
    AGENT = "too many answers to this agent's mails about this ticket"
    BREAKER = "held: too many automatic letters at once"


#: The letter waits for the operator's word: many people may be behind it, and some of them real.
HOLDING = frozenset({Stopped.DOMAIN, Stopped.BREAKER})


class Author(StrEnum):
    """What is known of who wrote the mail that is acknowledged."""

    PROVEN = "proven"  # also where nothing is acknowledged: the letter follows from an agent's work
    UNPROVEN = "unproven"  # our own border could have proven it, and did not
    UNTOLD = "untold"  # no border tells: a stranger, unless an agent has written to them


class Scope(StrEnum):
    """Which letters a window counts."""

    ADDRESS = "address"
    TICKET = "ticket"
    DOMAIN = "domain"
    UNANSWERED = "unanswered"  # acknowledgements to the address since an agent wrote there last
    UNPROVEN = "unproven"  # acknowledgements to the address in answer to mails that nothing proves
    ALL = "all"


_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Budgets:
    """The operator's windows. All windows of a scope hold together."""

    address: tuple[Window, ...] = (Window(15, _HOUR), Window(40, _DAY))
    ticket: tuple[Window, ...] = (Window(6, _HOUR), Window(20, _DAY))
    domain: tuple[Window, ...] = (Window(500, _HOUR), Window(5000, _DAY))
    unanswered: tuple[Window, ...] = (Window(3, 7 * _DAY),)
    unproven: tuple[Window, ...] = (Window(1, _DAY),)
    breaker: tuple[Window, ...] = (Window(200, _MINUTE), Window(1000, _HOUR))
    agent: tuple[Window, ...] = (Window(30, _HOUR), Window(100, _DAY))  # on one ticket: more than any person causes
    tickets: Window = Window(20, _HOUR)  # of one sender; what comes beyond goes onto their newest

    def limits(self) -> Iterator[tuple[Scope, Window]]:
        """Every window, in the order they are judged: the breaker last, that what is stopped anyway is not held."""
        for scope in Scope:
            windows = self.breaker if scope is Scope.ALL else getattr(self, scope.value)
            for window in windows:
                yield scope, window


@dataclass(frozen=True, slots=True)
class Asked:
    """A letter that would leave now."""

    letter: Letter
    author: Author
    before: int = 0  # letters to the same person that the same decision lets go


def judge(budgets: Budgets, counts: Sequence[int], asked: Asked) -> Stopped | None:
    """Why the letter is stopped; None when it may leave. `counts` are those let go, for each of `limits`."""
    for (scope, window), count in zip(budgets.limits(), counts, strict=True):
        if _counts(scope, asked) and count + asked.before >= window.most:
            return _stopped(scope)
    return None


def _counts(scope: Scope, asked: Asked) -> bool:
    match scope:
        case Scope.UNANSWERED:
            return asked.letter in ACKNOWLEDGING
        case Scope.UNPROVEN:
            return asked.letter in ACKNOWLEDGING and asked.author is Author.UNPROVEN
        case Scope.ADDRESS | Scope.TICKET | Scope.DOMAIN | Scope.ALL:
            return True
        case _:
            assert_never(scope)


def _stopped(scope: Scope) -> Stopped:
    return Stopped.BREAKER if scope is Scope.ALL else Stopped[scope.name]


def counted_address(address: str) -> str:
    """What letters to an address are counted by: without the detail behind a plus, which robots change with each mail."""
    local, _, domain = address.casefold().rpartition("@")
    return f"{local.partition('+')[0] or local}@{domain}"[:320]


def domain_of(address: str) -> str:
    """What stands behind the @, case folded."""
    return address.casefold().rpartition("@")[2]


def comes_from_there(domain: str, return_path: str | None) -> bool:
    """Whether a mail's return path is of the domain in its From, or one below or above it (RFC 3834, 4; RFC 7489, 3.1).

    Without any return path nobody can tell, and nothing speaks against the sender.
    """
    if not return_path:
        return True
    other, own = domain_of(return_path.strip("<>")), domain.casefold()
    return other == own or other.endswith(f".{own}") or own.endswith(f".{other}")
