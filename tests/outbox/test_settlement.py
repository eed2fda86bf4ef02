"""What an outcome means for the row: one outcome, one state."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from mailproc.core.backoff import PAUSES
from mailproc.core.due import undelivered
from mailproc.core.effects_delivery import Suppress
from mailproc.outbox.settlement import FOLLOW, GRACE, MOST_DOUBTS, settlement
from mailproc.outbox.transport import (
    Deferred,
    Outcome,
    Reason,
    Refused,
    Unknown,
)
from mailproc.store.outbox import MailClass, OutboxState, QueuedMail
from mailproc.store.sent import COPY_AFTER, LOOK
from tests.testlib.decisions import POLICY, TICKET, of
from tests.testlib.sending import MINUTE, NOW, OK


def queued(**changes: Any) -> QueuedMail:
    values: dict[str, Any] = {
        "id": 1, "ticket_id": 7, "mailbox": "support", "letter": "answer", "mail_class": MailClass.AUTOMATIC,
        "sender": "", "recipient": "anna@example.org", "message_id": "<1@x.example>", "attempts": 1, "doubts": 0, "content": b"",
    }  # fmt: skip
    return QueuedMail(**values | changes)


class TestWhatAnOutcomeMeans:
    """The pure part: one outcome, one state."""

    def test_sent(self) -> None:
        settled = settlement(queued(), OK, NOW, 0.0)

        assert (settled.state, settled.reply) == (OutboxState.SENT, "250 2.0.0 queued as 4F1")
        assert settled.history is not None
        assert (settled.history.kind, settled.history.text) == (
            "sent",
            "answer to anna@example.org: 250 2.0.0 queued as 4F1",
        )

    def test_refused_is_dead(self) -> None:
        assert settlement(queued(), Refused(Reason.REFUSED, 550, "no"), NOW, 0.0).state is OutboxState.DEAD
        assert settlement(queued(), Refused(Reason.TOO_LARGE, reply="big"), NOW, 0.0).reply == "too large: big"

    def test_deferred_is_tried_again_and_told_the_first_time(self) -> None:
        first, second = (
            settlement(queued(attempts=n), Deferred(Reason.REFUSED, 451, "busy"), NOW, 0.0) for n in (1, 2)
        )

        assert (first.state, first.next_attempt_at) == (OutboxState.RETRY, NOW + MINUTE)
        assert second.next_attempt_at == NOW + 5 * MINUTE
        assert first.history is not None
        assert second.history is None

    def test_deferred_for_five_days_is_dead(self) -> None:
        settled = settlement(queued(attempts=len(PAUSES) + 1), Deferred(Reason.CONNECT, reply="refused"), NOW, 0.0)

        assert settled.state is OutboxState.DEAD
        assert settled.reply == f"given up after {len(PAUSES) + 1} attempts: connect: refused"

    def test_our_own_stopping_costs_no_wait(self) -> None:
        settled = settlement(queued(attempts=9), Deferred(Reason.STOPPED), NOW, 0.0)

        assert (settled.state, settled.next_attempt_at) == (OutboxState.RETRY, NOW)

    @pytest.mark.parametrize("reason", [Reason.LOST, Reason.NOT_OURS])
    def test_a_process_or_a_database_gone_before_the_content_costs_no_wait_but_not_for_ever(
        self, reason: Reason
    ) -> None:
        few, many = (settlement(queued(attempts=n), Deferred(reason), NOW, 0.0) for n in (3, 4))

        assert (few.state, few.next_attempt_at, few.doubtful) == (OutboxState.RETRY, NOW, False)
        assert many.next_attempt_at is not None
        assert many.next_attempt_at > NOW

    @pytest.mark.parametrize(
        ("letter", "kind"),
        [
            ("acknowledgement", MailClass.AUTOMATIC), ("closure", MailClass.AUTOMATIC), ("survey", MailClass.AUTOMATIC),
            ("receipt", MailClass.AGENT), ("help", MailClass.AGENT), ("digest", MailClass.AGENT),
            ("notification", MailClass.WORDS), ("held", MailClass.WORDS), ("confirmation", MailClass.WORDS),
            ("receipt", MailClass.WORDS), ("digest", MailClass.WORDS), ("missed", MailClass.WORDS),
        ],
    )  # fmt: skip
    def test_unknown_mail_of_ours_is_sent_at_most_once(self, letter: str, kind: MailClass) -> None:
        settled = settlement(queued(letter=letter, mail_class=kind), Unknown(Reason.CUT, "lost"), NOW, 0.0)

        assert (settled.state, settled.doubtful) == (OutboxState.UNKNOWN, True)

    @pytest.mark.parametrize(
        ("letter", "kind"),
        [
            ("answer", MailClass.HUMAN), ("resolution", MailClass.HUMAN), ("side", MailClass.HUMAN),
        ],
    )  # fmt: skip
    def test_unknown_mail_with_a_persons_words_is_sent_at_least_once_but_not_for_ever(
        self, letter: str, kind: MailClass
    ) -> None:
        unknown = Unknown(Reason.CUT, "lost")
        first = settlement(queued(letter=letter, mail_class=kind), unknown, NOW, 0.0)
        last = settlement(queued(letter=letter, mail_class=kind, doubts=MOST_DOUBTS), unknown, NOW, 0.0)

        assert (first.state, first.doubtful, first.next_attempt_at) == (OutboxState.RETRY, True, NOW + GRACE)
        assert first.history is not None
        assert first.history.kind == "unknown"
        assert "same Message-ID" in first.reply
        assert last.state is OutboxState.UNKNOWN

    @pytest.mark.parametrize(("reason", "wait"), [(Reason.STOPPED, timedelta(0)), (Reason.CUT, FOLLOW)])
    def test_where_it_brought_somebodys_words_another_letter_follows_soon(
        self, reason: Reason, wait: timedelta
    ) -> None:
        settled = settlement(queued(mail_class=MailClass.WORDS), Unknown(reason, "lost"), NOW, 0.0)

        assert (settled.state, settled.next_attempt_at) == (OutboxState.UNKNOWN, NOW + wait)
        assert "another letter says so" in settled.reply

    def test_the_letter_that_says_so_promises_no_other(self) -> None:
        missed = queued(letter="missed", mail_class=MailClass.WORDS)
        settled = settlement(missed, Unknown(Reason.CUT, "lost"), NOW, 0.0)
        assert settled.reply == "it may have arrived (cut: lost)"

    @pytest.mark.parametrize("kind", list(MailClass))
    def test_what_a_person_wrote_is_copied_to_the_sent_folder_soon(self, kind: MailClass) -> None:
        with_copies, without = (
            settlement(queued(mail_class=kind), OK, NOW, 0.0, copies=each) for each in (True, False)
        )

        assert with_copies.copy_due_at == (NOW + COPY_AFTER if kind is MailClass.HUMAN else None)
        assert without.copy_due_at is None

    @pytest.mark.parametrize(("reason", "grace"), [(Reason.STOPPED, timedelta(0)), (Reason.CUT, GRACE)])
    def test_before_a_second_try_there_is_time_to_look_into_the_sent_folder(
        self, reason: Reason, grace: timedelta
    ) -> None:
        settled = settlement(queued(mail_class=MailClass.HUMAN), Unknown(reason), NOW, 0.0, copies=True)

        assert (settled.copy_due_at, settled.next_attempt_at) == (NOW, NOW + grace + LOOK)
        assert "unless the Sent folder has it" in settled.reply

    def test_mail_without_a_ticket_has_no_history(self) -> None:
        assert settlement(queued(ticket_id=None), OK, NOW, 0.0).history is None

    @pytest.mark.parametrize("kind", [MailClass.AGENT, MailClass.WORDS])
    def test_but_that_nobody_knows_whether_it_arrived_is(self, kind: MailClass) -> None:
        settled = settlement(queued(ticket_id=None, mail_class=kind), Unknown(Reason.CUT, "lost"), NOW, 0.0)

        assert settled.history is not None
        assert (settled.history.kind, settled.history.ticket, settled.history.outbox) == ("unknown", None, 1)


@pytest.mark.parametrize(
    ("outcome", "suppressed"),
    [
        (Refused(Reason.REFUSED, 550, "5.1.1 no such user"), True),
        (Refused(Reason.REFUSED, 550, "no such user"), True),
        (Refused(Reason.REFUSED, 554, "5.1.1 no such user"), True),
        (Refused(Reason.REFUSED, 554, "transaction failed"), False),
        (Refused(Reason.REFUSED, 550, "relay not permitted"), False),
        (Refused(Reason.REFUSED, 550, "message too large"), False),
        (Refused(Reason.REFUSED, 500, "unknown command"), False),
        (Refused(Reason.REFUSED, 552, "5.3.4 too big"), False),
        (Refused(Reason.REFUSED, 552, "message exceeds fixed maximum size"), False),
        (Refused(Reason.REFUSED, 553, "5.1.8 sender address rejected"), False),
        (Refused(Reason.TOO_LARGE, reply="the mail has 9 bytes, the server takes 8"), False),
        (Deferred(Reason.CONNECT, reply="Connection refused"), False),  # for five days
        (Deferred(Reason.REFUSED, 451, "try later"), False),
        (Unknown(Reason.CUT, "Connection lost"), False),
    ],
)
@pytest.mark.row("N16")
def test_only_a_server_s_no_to_the_address_stops_automatic_letters_there(outcome: Outcome, suppressed: bool) -> None:
    mail = queued(mail_class=MailClass.HUMAN, attempts=len(PAUSES) + 1, doubts=MOST_DOUBTS)
    settled = settlement(mail, outcome, NOW, 0.0)

    assert settled.state in {OutboxState.DEAD, OutboxState.UNKNOWN}
    decision = undelivered(TICKET, mail.recipient, settled.reply, POLICY, NOW)
    assert bool(of(decision, Suppress)) == suppressed
