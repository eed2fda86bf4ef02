"""What became of an attempt, and what that means for the mail: sent, tried again, given up, or nobody knows."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import assert_never

from mailproc.core.backoff import next_attempt
from mailproc.core.letters import Letter
from mailproc.outbox.transport import Deferred, Outcome, Reason, Refused, Sent, Unknown
from mailproc.store.history import Entry
from mailproc.store.outbox import OutboxRow, OutboxState, QueuedMail, Settlement
from mailproc.store.sent import COPY_AFTER, LOOK

GRACE = timedelta(minutes=15)  # before a person's mail is sent again that may have arrived
FOLLOW = timedelta(minutes=3)  # before an agent is told of a mail that may be lost: the server may be itself again
MOST_DOUBTS = 2  # a person's mail is repeated so often, no more
_AT_ONCE = 3  # attempts that a process may take with it, then the next one waits: it may be the mail's fault


def settlement(
    mail: QueuedMail | OutboxRow, outcome: Outcome, now: datetime, jitter: float, *, copies: bool = False
) -> Settlement:
    """What an outcome means for the row: a person's words to anybody outside at least once, all else at most once.

    `copies`: the mailbox has a Sent folder, for copies of answers and for a look before anything is sent again.
    """
    match outcome:
        case Sent(code, reply):
            settled = _settled(mail, OutboxState.SENT, f"{code} {reply}", now)
            return replace(settled, copy_due_at=now + COPY_AFTER) if copies and mail.human else settled
        case Refused(reason, code, reply):
            return _settled(mail, OutboxState.DEAD, told(reason, code, reply), now)
        case Deferred(Reason.STOPPED, code, reply):
            return _settled(mail, OutboxState.RETRY, told(Reason.STOPPED, code, reply), now, now)
        case Deferred(Reason.LOST | Reason.NOT_OURS as reason, code, reply) if mail.attempts <= _AT_ONCE:
            return _settled(mail, OutboxState.RETRY, told(reason, code, reply), now, now)
        case Deferred(reason, code, reply):
            words, again = told(reason, code, reply), next_attempt(mail.attempts, now, jitter)
            if again is None:
                return _settled(mail, OutboxState.DEAD, f"given up after {mail.attempts} attempts: {words}", now)
            return _settled(mail, OutboxState.RETRY, words, now, again)
        case Unknown(reason, reply):
            words = f"it may have arrived ({told(reason, 0, reply)})"
            if mail.human and mail.doubts < MOST_DOUBTS:
                again = now if reason is Reason.STOPPED else now + GRACE
                words += "; the same mail, with the same Message-ID, is sent again"
                words += ", unless the Sent folder has it" if copies else ""
                settled = _settled(mail, OutboxState.RETRY, words, now, again, doubtful=True)
                return replace(settled, next_attempt_at=again + LOOK, copy_due_at=now) if copies else settled
            if mail.followed and mail.letter != Letter.MISSED:  # that one may have been the last
                words += "; it is not sent again, another letter says so"
            follow_at = now if reason is Reason.STOPPED else now + FOLLOW
            return _settled(mail, OutboxState.UNKNOWN, words, now, follow_at, doubtful=True)
        case _:
            assert_never(outcome)


def _settled(
    mail: QueuedMail | OutboxRow, state: OutboxState, words: str, now: datetime,
    again: datetime | None = None, *, doubtful: bool = False,
) -> Settlement:  # fmt: skip
    entry = None
    # Of many attempts in vain the first is told, and how it ended; of a letter about no ticket only what is not known.
    if doubtful or (mail.ticket_id is not None and (state is not OutboxState.RETRY or mail.attempts == 1)):
        kind = "unknown" if doubtful else state.value
        entry = Entry(
            now, kind, "mailproc", f"{mail.letter} to {mail.recipient}: {words}", "", mail.ticket_id, None, mail.id
        )
    return Settlement(mail.id, mail.attempts, state, words, now, again, doubtful, history=entry)


def told(reason: Reason, code: int, reply: str) -> str:
    """A failure in one line."""
    return f"{code} {reply}" if code else f"{reason}: {reply}" if reply else reason.value
