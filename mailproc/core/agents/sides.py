"""An agent's words to third parties, and what is passed on of theirs."""

from __future__ import annotations

from collections.abc import Iterator

from mailproc.core import verification
from mailproc.core.agents.plan import Plan
from mailproc.core.agents.proof import answerable, enclosures
from mailproc.core.commands import AgentText, Command
from mailproc.core.commands.values import Ask, Moving, Note, Share, Wait, WaitFor
from mailproc.core.effects import SendStatus
from mailproc.core.effects_sides import AnswerThirdParty, AskThirdParty
from mailproc.core.facts import Facts, TicketView
from mailproc.core.letters import BadLine, Change, Done, HeldBecause
from mailproc.core.lifecycle import Event, Status
from mailproc.core.message import Address, Attachment
from mailproc.core.tokens import Capability

_MOST_ASKED = 5  # third parties in one mail, each in a conversation of its own
#: Whose turn it is not: an answer to a third party leaves them where they are.
_NOT_OURS = frozenset({Status.WAITING_FOR_CUSTOMER, Status.RESOLVED, Status.CLOSED})


def reaches_third_party(facts: Facts, words: AgentText) -> bool:
    """Whether the words go to a third party, and not to the customer."""
    if words.has(Ask):
        return True
    answers = _answers_side(facts) and not words.has(Share) and not is_note(facts, words)
    return answers and bool(words.body or enclosures(facts))


def _answers_side(facts: Facts) -> bool:
    token = facts.match.token
    return token is not None and token.capability is Capability.SIDE_ANSWER


def is_note(facts: Facts, words: AgentText) -> bool:
    """Whether the words are for colleagues, by the address they came to or by a command."""
    token = facts.match.token
    return (token is not None and token.capability is Capability.NOTE) or words.has(Note)


def nonsense(facts: Facts, ticket: TicketView, words: AgentText) -> Iterator[BadLine]:
    """Lines that leave open whom the words are for, and people who can't be asked."""
    asked = [command for command in words.commands if isinstance(command, Ask)]
    for command, line in zip(words.commands, words.lines, strict=True):
        match command:
            case Ask(addresses=addresses):
                several = len(asked) > 1 or len(addresses) > _MOST_ASKED
                if several or is_note(facts, words) or not all(_askable(facts, ticket, each) for each in addresses):
                    yield BadLine(line, "")
            case Share():
                if asked or is_note(facts, words) or not (_passed_on(facts) or shared_files(facts, words)):
                    yield BadLine(line, "")
            case _ if _speaks_to_customer(command) and reaches_third_party(facts, words):
                yield BadLine(line, "")
            case _:
                pass


def _speaks_to_customer(command: Command) -> bool:
    """Whether a command makes the words an answer to the customer."""
    return isinstance(command, Moving) and command != Wait(WaitFor.VENDOR)


def _askable(facts: Facts, ticket: TicketView, address: str) -> bool:
    """Nobody who reads the ticket anyway, and not ourselves."""
    inside = {person.address.casefold() for person in (ticket.customer, *ticket.copied)}
    policy = facts.policy
    return not (address.casefold() in inside or policy.is_own(address) or policy.agent_by_address(address))


def unfit(facts: Facts, words: AgentText) -> HeldBecause | None:
    """Why nothing can be sent to a third party, although the words were understood."""
    asked = [command for command in words.commands if isinstance(command, Ask)]
    if any(not command.addresses for command in asked) and not facts.policy.development:
        return HeldBecause.NO_DEVELOPERS
    if asked and not words.body and not enclosures(facts):
        return HeldBecause.EMPTY
    return None


def with_shared(facts: Facts, words: AgentText) -> str:
    """What the customer reads: the agent's own words, and below them what is passed on."""
    if not words.has(Share) or not _passed_on(facts):
        return words.body
    theirs = "\n".join(f"> {line}".rstrip() for line in _passed_on(facts).split("\n"))
    return f"{words.body}\n\n{theirs}".strip()


def shared_files(facts: Facts, words: AgentText) -> tuple[Attachment, ...]:
    """What the customer gets of the third party's files: as of an agent's own, no pictures inside a text."""
    return answerable(facts.shareable_files) if words.has(Share) else ()


def told_of_files(plan: Plan, words: AgentText) -> None:
    """For the receipt: which files go along, and which do not."""
    if not words.has(Share):
        return
    files = shared_files(plan.facts, words)
    plan.done += [Done(Change.SHARED_FILE, each.filename) for each in files]
    plan.done += [Done(Change.NOT_SHARED, name) for name in plan.facts.unshareable]


def _passed_on(facts: Facts) -> str:
    """A third party's last words, without what they quote: that was written for them alone."""
    lines = facts.shareable.split("\n")
    return "\n".join(line for line in lines if not line.lstrip().startswith(">")).strip()


def write_to_third_party(plan: Plan, words: AgentText) -> None:
    """Begin a conversation with each one asked, or go on with the one at hand."""
    facts, agent = plan.facts, plan.agent
    enclosed = enclosures(facts)
    asked = words.first(Ask)
    if asked is not None:
        addresses = dict.fromkeys(asked.addresses or (facts.policy.development,))
        for address in addresses:
            plan.effects.append(AskThirdParty(agent.name, Address(address), words.body, enclosed, asked.bug))
            plan.done.append(Done(Change.ASKED_OUTSIDE, address))
        waits = plan.status is Status.WAITING_FOR_THIRD_PARTY
        if plan.move(Event.AGENT_ASKED_VENDOR) is not None and not waits:
            plan.effects.append(SendStatus(agent.name))  # once for each wait
            if not plan.ticket.unconfirmed:
                plan.done.append(Done(Change.TOLD, plan.ticket.customer.address))
    elif facts.side is not None:
        plan.effects.append(AnswerThirdParty(agent.name, facts.side.id, words.body, enclosed))
        plan.done.append(Done(Change.ASKED_OUTSIDE, facts.side.person.address))
        thanks = verification.judge(words.body, asked=False).answer is verification.Answer.THANKS
        if not thanks and plan.status not in _NOT_OURS:
            plan.move(Event.AGENT_ASKED_VENDOR)
