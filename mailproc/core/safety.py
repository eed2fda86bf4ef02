"""The safety catch: what an agent's mail to a customer is held for until the agent has looked once more.

One rule a function: pure, each can be switched off (`policy.Rule`). None of them judges what is right; each sees
something that whoever pressed Send may not have seen.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from mailproc.core import cautions
from mailproc.core.closings import only_signature
from mailproc.core.facts import Facts, SaidSince, TicketView
from mailproc.core.letters import Caution
from mailproc.core.policy import Agent, Policy, Rule

_ADDRESS: Final = re.compile(r"(?<![\w.+/@-])[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24}(?![\w@])")
_NUMBER: Final = re.compile(r"(?<![\w#&/])#(\d{1,9})(?![\w-])")
_MOST: Final = 20  # addresses and numbers that are looked at


def addresses(words: str) -> tuple[str, ...]:
    """The mail addresses in a text, case folded."""
    return tuple(dict.fromkeys(match[0].casefold() for match in _ADDRESS.finditer(words)))[:_MOST]


def numbers(words: str) -> tuple[int, ...]:
    """What may be numbers of tickets: "#12", "[Acme #12]"."""
    return tuple(dict.fromkeys(int(match[1]) for match in _NUMBER.finditer(words)))[:_MOST]


def readers(ticket: TicketView) -> tuple[str, ...]:
    """The addresses that an answer on a ticket goes to."""
    return tuple(person.address for person in (ticket.customer, *ticket.copied))


def strange(policy: Policy, readers: Iterable[str], words: str) -> tuple[str, ...]:
    """The addresses in a text that are neither a reader's nor of our own house."""
    people = {address.casefold() for address in readers}
    house = {agent.address.casefold().rpartition("@")[2] for agent in policy.agents.values()}
    house |= {mailbox.domain.casefold() for mailbox in policy.mailboxes.values()}
    return tuple(each for each in addresses(words) if each not in people and each.rpartition("@")[2] not in house)


def only_signs(facts: Facts, agent: Agent, words: str) -> bool:
    """Whether these words say nothing but who writes."""
    return only_signature(words, (agent.display, facts.mailbox.desk))


@dataclass(frozen=True, slots=True)
class Outgoing:
    """Words, and files, that are about to go to a customer."""

    facts: Facts
    agent: Agent
    readers: tuple[str, ...]  # addresses
    words: str
    enclosed: bool


def found(mail: Outgoing) -> tuple[Caution, ...]:
    """Everything about it that should be looked at; empty where nothing is, or the agent has and nothing came since."""
    if not (mail.words or mail.enclosed):
        return ()
    rules = mail.facts.policy.safety.rules & (_NEWS if mail.facts.around.released else frozenset(Rule))
    seen = ((rule, look(mail)) for rule, look in _LOOKS.items() if rule in rules)
    return tuple(Caution(rule, detail) for rule, detail in seen if detail is not None)


def told(seen: Iterable[Caution]) -> Iterator[str]:
    """Each of them in one line, for the history."""
    return (f"{each.rule}: {each.detail}" if each.detail else each.rule for each in seen)


def _internal_words(mail: Outgoing) -> str | None:
    return cautions.internal(mail.words) or None


def _other_address(mail: Outgoing) -> str | None:
    known = mail.facts.around.mentioned
    return ", ".join(each for each in strange(mail.facts.policy, mail.readers, mail.words) if each not in known) or None


def _other_ticket(mail: Outgoing) -> str | None:
    return ", ".join(f"#{number}" for number in numbers(mail.words) if number in mail.facts.around.others) or None


def _colleague_answered(mail: Outgoing) -> str | None:
    return _names(each for each in mail.facts.around.since if each.by_agent and each.author != mail.agent.name)


def _customer_wrote(mail: Outgoing) -> str | None:
    return _names(each for each in mail.facts.around.since if not each.by_agent)


def _names(said: Iterable[SaidSince]) -> str | None:
    return ", ".join(dict.fromkeys(each.name for each in said)) or None


def _other_customer(mail: Outgoing) -> str | None:
    return mail.facts.around.turned_over or None


def _missing_attachment(mail: Outgoing) -> str | None:
    return None if mail.enclosed else cautions.announced(mail.words) or None


def _stray_quote(mail: Outgoing) -> str | None:
    return mail.facts.stray or None


def _only_signature(mail: Outgoing) -> str | None:
    return "" if not mail.enclosed and only_signs(mail.facts, mail.agent, mail.words) else None


#: In the order in which they are told.
_LOOKS: Final[Mapping[Rule, Callable[[Outgoing], str | None]]] = {
    Rule.INTERNAL_WORDS: _internal_words,
    Rule.OTHER_ADDRESS: _other_address,
    Rule.OTHER_TICKET: _other_ticket,
    Rule.OTHER_CUSTOMER: _other_customer,
    Rule.COLLEAGUE_ANSWERED: _colleague_answered,
    Rule.CUSTOMER_WROTE: _customer_wrote,
    Rule.MISSING_ATTACHMENT: _missing_attachment,
    Rule.STRAY_QUOTE: _stray_quote,
    Rule.ONLY_SIGNATURE: _only_signature,
}
#: What may have come after the agent looked at the mail once more.
_NEWS: Final = frozenset({Rule.OTHER_CUSTOMER, Rule.COLLEAGUE_ANSWERED, Rule.CUSTOMER_WROTE})
