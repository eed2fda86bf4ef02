"""INV1 to INV10: what holds once everything is quiet, whatever has happened before."""

from __future__ import annotations

import asyncio
import re
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from mailproc.app import App
from mailproc.core.condition import Finding, Level
from mailproc.demo.servers import Delivered, bare
from mailproc.handling.correspondence import cause_of_key
from mailproc.store import health
from mailproc.store.health import Told
from tests.faults.keeper import REFUSED
from tests.faults.ledger import Row
from tests.faults.machine.steps import ADDRESSES, AGENTS, WORD
from tests.faults.machine.world import OPERATOR, World, message_id
from tests.faults.oracle import must_be_followed
from tests.testlib.by_hand import decoded
from tests.testlib.desk import SUPPORT

OPENING = (
    "a new matter", "an answer after the reopen window", "refers to a ticket of others",
    "an agent forwarded a customer's mail", "an agent began a ticket for a customer",
)  # fmt: skip
#: Why an agent's mail is taken as words for somebody outside.
SENDING = ("an agent answered", "an agent wrote to a third party", "an agent began a ticket for a customer")
SAID_ONCE = frozenset(
    {"ask", "more", "copied", "stranger", "oversize", "solved", "broken"}
)  # kinds that are one message each
POWERLESS = frozenset({"forge", "forge in", "stranger", "robot", "bounce"})
MOVES = frozenset({"status", "owner", "rated", "participant"})  # entries of the history that change a ticket
MOST_LETTERS = 6  # that one mail or one deadline may cause
MOST_DEATHS = 6  # of the daemon over one mail, which is then put aside
_TOKEN = re.compile(r"[a-z2-7]{32,56}")


@dataclass(slots=True)
class Left:
    """All that a walk has left behind."""

    world: World
    inbound: list[Row]
    messages: Counter[int]  # by the mail that brought them
    outbox: list[Row]
    history: list[Row]
    tickets: list[Row]
    wrong: list[str] = field(default_factory=list)

    def expect(self, *, holds: bool, words: str) -> None:
        if not holds:
            self.wrong.append(words)

    def rows_of(self, identity: str) -> list[Row]:
        return [row for row in self.inbound if row["message_id"] == identity]


async def left_by(world: World) -> Left:
    rows = world.daemon.ledger.rows
    inbound = await rows(
        "SELECT id, content, state, outcome, reason, attempts, ticket_id FROM inbound_mail ORDER BY id"
    )
    for row in inbound:
        row["message_id"] = message_id(bytes(row["content"]))
    said = Counter(row["inbound_id"] for row in await rows("SELECT inbound_id FROM ticket_message"))
    outbox = await rows(
        "SELECT outbox_mail.*, content FROM outbox_mail LEFT JOIN outbox_content USING (id) ORDER BY id"
    )
    history = await rows("SELECT id, kind, text, inbound_id, outbox_id, ticket_id FROM history_entry ORDER BY id")
    return Left(world, inbound, said, outbox, history, await rows("SELECT id, status, unconfirmed FROM ticket"))


async def inv1(left: Left) -> None:
    """Every injected mail is in the spool, or was taken away before we saw it; nothing else is in the spool."""
    stored = {row["message_id"] for row in left.inbound}
    written = {mail.message_id for mail in left.world.written}
    left.expect(holds=stored <= written, words=f"spooled and never written: {stored - written}")
    lost = written - stored - left.world.taken_away
    left.expect(holds=not lost, words=f"lost: {[mail for mail in left.world.written if mail.message_id in lost]}")


async def inv2(left: Left) -> None:
    """Each mail becomes one thing, once: a message, or put aside; its copies become nothing."""
    for mail in left.world.written:
        rows = left.rows_of(mail.message_id)
        once = [row for row in rows if row["state"] == "done" and row["outcome"] != "duplicate"]
        aside = [row for row in rows if row["state"] == "quarantined"]
        killed_often = any(row["attempts"] > MOST_DEATHS for row in aside)
        told = [(row["id"], row["state"], row["outcome"], row["reason"]) for row in rows]
        if mail.kind == "unreadable" or killed_often:
            left.expect(holds=len(aside) == len(rows), words=f"{mail} could not be read, and became {told}")
        elif rows:
            left.expect(holds=len(once) == 1 and not aside, words=f"{mail} became {told}")
        for row in rows:
            count = left.messages[row["id"]]
            exactly = mail.kind in SAID_ONCE and row in once
            fits = count == 1 if exactly else count == 0 if row not in once else count <= 2
            left.expect(holds=fits, words=f"{mail} is {count} messages: {told}")
    forged = {mail.message_id for mail in left.world.written if mail.kind == "forge in"}  # opens one that is nobody's
    opened = [
        row for row in left.inbound
        if row["reason"].startswith(OPENING) or (row["message_id"] in forged and row["outcome"] == "note")
    ]  # fmt: skip
    left.expect(
        holds=len(opened) == len(left.tickets) == len({row["ticket_id"] for row in opened}),
        words=f"{len(left.tickets)} tickets, opened by {[(row['id'], row['ticket_id']) for row in opened]}",
    )


async def inv3(left: Left) -> None:
    """At most one acknowledgement for each ticket, and one arrival of it."""
    written = Counter(row["ticket_id"] for row in left.outbox if row["letter"] == "acknowledgement")
    left.expect(holds=set(written.values()) <= {1}, words=f"acknowledged more than once: {written}")


async def inv4(left: Left) -> None:
    """Each person's words arrive; twice only as the same letter, told as unknown.

    Other letters arrive at most once, and what is not known of them is told: to agents by another letter, if it brought
    them somebody's words.
    """
    arrived = Counter(taken.message_id for taken in left.world.keeper.taken if taken.recipient != OPERATOR)
    told = {row["outbox_id"] for row in left.history if row["kind"] == "unknown"}
    known = {row["message_id"] for row in left.outbox}
    left.expect(holds=len(known) == len(left.outbox), words="two letters have one Message-ID")
    left.expect(holds=set(arrived) <= known, words=f"sent and not in the outbox: {set(arrived) - known}")
    returned = {row["outbox_id"] for row in left.history if row["kind"] == "undelivered"}
    for row in left.outbox:
        if row["id"] not in returned:
            _fate(left, row, arrived[row["message_id"]], told=row["id"] in told)
    doubted = {
        cause_of_key(row["key"])
        for row in left.outbox
        if row["letter"] == "missed" and row["state"] in {"unknown", "dead"}
    }
    heard = {cause_of_key(row["key"]) for row in left.outbox if ":notification:missed:" in row["key"]}
    left.expect(holds=heard <= doubted, words=f"colleagues were told of nothing: {heard - doubted}")
    _every_answer(left)


def _fate(left: Left, row: Row, times: int, *, told: bool) -> None:
    once = row["mail_class"] != "human"
    follow = (f"missed:{row['key']}", row["recipient"])
    followed = any((each["key"], each["recipient"]) == follow for each in left.outbox)
    name = f"{row['letter']} to {row['recipient']} ({row['mail_class']}, {row['state']}, arrived {times} times): {row['reply']}"
    match row["state"]:
        case "sent":
            left.expect(holds=times >= 1, words=f"lost: {name}")
        case "dead":
            left.expect(holds=row["recipient"] == REFUSED and times == 0, words=f"given up: {name}")
        case "unknown":
            left.expect(holds=told and (once or row["doubts"] > 2), words=f"not told, or given up: {name}")
            left.expect(holds=followed == must_be_followed(row), words=f"followed: {followed}: {name}")
            if row["letter"] == "missed" and row["ticket_id"] is not None:
                told_of = f"{row['ticket_id']}:notification:missed:{cause_of_key(row['key'])}:"
                colleagues = any(each["key"].startswith(told_of) for each in left.outbox)
                left.expect(holds=colleagues, words=f"its colleagues were not told: {name}")
        case _:
            left.expect(holds=False, words=f"unfinished: {name}")
    left.expect(holds=times <= 1 or (told and not once), words=f"doubled: {name}")
    left.expect(holds=told or not followed, words=f"said to be missed, and never in doubt: {name}")


def _every_answer(left: Left) -> None:
    """An agent's words that were taken as an answer are in one letter to each who should read them."""
    letters = [(row, decoded(_as_delivered(row))) for row in left.outbox if row["mail_class"] == "human"]
    for mail in left.world.written:
        if not mail.word.startswith(("answered", "consulted")):
            continue
        taken = [row for row in left.rows_of(mail.message_id) if row["reason"].startswith(SENDING)]
        people = Counter(row["recipient"] for row, words in letters if f"{mail.word}" in words)
        expected = set(people.values()) == {1} if taken else set(people.values()) <= {1}
        left.expect(holds=expected, words=f"{mail.kind} {mail.word} was written to {people}")


def _as_delivered(row: Row) -> Delivered:
    return Delivered(row["created_at"], row["sender"], row["recipient"], bytes(row["content"]))


async def inv5(left: Left) -> None:
    """Nothing goes to nobody, to a robot, to ourselves, or to whom an agent's forward names until they confirm it."""
    never = {"", bare(SUPPORT), ADDRESSES["robot"], ADDRESSES["daemon"].casefold()}
    wrong = [taken.recipient for taken in left.world.keeper.taken if bare(taken.recipient or "@").strip("@") in never]
    left.expect(holds=not wrong, words=f"written to {wrong}")
    open_ = {row["id"] for row in left.tickets if row["unconfirmed"]}
    early = [row["letter"] for row in left.outbox if row["ticket_id"] in open_ and row["mail_class"] == "automatic"]
    left.expect(holds=not early, words=f"nobody has confirmed who gets {early}")


async def inv6(left: Left) -> None:
    """No customer's words reach anybody who takes no part; nor a third party's, or those to them, any customer."""
    for letter, name in _to_customers(left):
        strange = {
            found[0]
            for found in WORD.finditer(decoded(letter))
            if found[1] != "nobody" and name not in found[1].split("and")
        }
        left.expect(holds=not strange, words=f"{name} reads {strange}")


async def inv7(left: Left) -> None:
    """No note, no agent's address, no token but their own reaches a customer."""
    desk = left.world.desk
    inside = [ADDRESSES[name] for name in AGENTS]
    rows = await left.world.daemon.ledger.rows("SELECT id, address FROM person")
    people = {row["address"]: row["id"] for row in rows}
    today = left.world.clock.now().date()
    for letter, name in _to_customers(left):
        words = decoded(letter)
        left.expect(holds="fornobody" not in words, words=f"{name} reads what is private")
        left.expect(
            holds=not [address for address in inside if address in words], words=f"{name} reads an agent's address"
        )
        tokens = {desk.keys.find(found, today) for found in _TOKEN.findall(words.lower())} - {None}
        strange = {token.person for token in tokens if token is not None} - {people[letter.recipient]}
        left.expect(holds=not strange, words=f"{name} got tokens of {strange}")


def _to_customers(left: Left) -> Iterable[tuple[Delivered, str]]:
    inside = {OPERATOR, *(ADDRESSES[name] for name in AGENTS)}
    names = {address: name for name, address in ADDRESSES.items()}
    for letter in left.world.letters():
        if letter.recipient not in inside:
            yield letter, names[letter.recipient]


async def inv8(left: Left) -> None:
    """Nobody who is not proven to be who they say changes anything on a ticket."""
    changes: defaultdict[int, list[str]] = defaultdict(list)
    for row in left.history:
        if row["kind"] in MOVES:
            changes[row["inbound_id"]].append(row["text"])
    for mail in left.world.written:
        if mail.kind in POWERLESS:
            found = [text for row in left.rows_of(mail.message_id) for text in changes[row["id"]]]
            left.expect(holds=not found, words=f"{mail} did {found}")


async def inv9(left: Left) -> None:
    """Whatever arrives, it causes few letters; that it ends in time, and leaves nothing running, is seen on the way."""
    causes = Counter(re.sub(r":[^:]*$", "", row["key"].split(":", 1)[1]).rpartition(":")[2] for row in left.outbox)
    many = {cause: count for cause, count in causes.items() if count > MOST_LETTERS and cause.startswith(("in", "due"))}
    left.expect(holds=not many, words=f"many letters: {many}")


async def inv10(left: Left) -> None:
    """Every failure is told: in `status`, and once to the operator; nothing of ours fails with a traceback."""
    world = left.world
    found, told = await asyncio.create_task(_told_now(world.daemon.app), context=world.daemon.context)
    findings = {finding.name: finding for finding in found}
    bad = {name for name, finding in findings.items() if finding.level is not Level.OK} - {"disk"}
    expected = {"quarantine"} if any(row["state"] == "quarantined" for row in left.inbound) else set()
    week = world.clock.now() - timedelta(days=7)
    for state in ("dead", "unknown"):
        if any(row["state"] == state and str(row["created_at"]) > str(week) for row in left.outbox):
            expected.add(f"{state} letters")
    allowed = expected | {"dead letters", "unknown letters"}
    left.expect(holds=expected <= bad <= allowed, words=f"status says {findings}, where {expected} is wrong")
    untold = {name for name in bad if name not in told or not told[name].open}
    mails = "".join(
        decoded(Delivered(world.clock.now(), "", OPERATOR, taken.content))
        for taken in world.keeper.taken
        if taken.recipient == OPERATOR
    )
    untold |= {name for name in bad if name not in mails}
    left.expect(holds=not untold, words=f"the operator was not told of {untold}")
    left.expect(holds=not world.faults.found, words=f"faults of ours: {world.faults.found}")


async def _told_now(app: App | None) -> tuple[Sequence[Finding], Mapping[str, Told]]:
    assert app is not None
    assert app._alerts is not None
    await app._alerts.once()
    return await app._findings(), await health.told()


#: In the order of the promises.
INVARIANTS: tuple[Callable[[Left], Awaitable[None]], ...] = (
    inv1, inv2, inv3, inv4, inv5, inv6, inv7, inv8, inv9, inv10,
)  # fmt: skip


async def check(world: World) -> None:
    """All of them; raises AssertionError with everything that is wrong."""
    left = await left_by(world)
    found = []
    for invariant in INVARIANTS:
        before = len(left.wrong)
        await invariant(left)
        found += [f"{invariant.__name__.upper()}: {words}" for words in left.wrong[before:]]
    assert not found, "\n".join(found)
