"""Mail as it comes and goes: the spool, the outbox, and what is known of addresses."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index

from mailproc.store.models.table import Table
from mailproc.store.states import InboundState, MailClass, OutboxState


class FolderState(Table):
    """Per IMAP folder: which incarnation of it we know, and from when on we act."""

    id = fields.IntField(primary_key=True)
    mailbox = fields.CharField(max_length=64)
    folder = fields.CharField(max_length=255)
    uidvalidity = fields.BigIntField()
    acts_from = fields.DatetimeField()  # older mail is left alone (first start is silent)
    found_to = fields.BigIntField(db_default=0)  # highest UID there when we came: up to it, `acts_from` decides
    last_uid = fields.BigIntField(db_default=0)  # highest UID decided on in this incarnation

    class Meta:
        table = "folder_state"
        unique_together = (("mailbox", "folder"),)


class InboundMail(Table):
    """The spool: one row a mail, its bytes committed before anything else happens to it."""

    id = fields.IntField(primary_key=True)
    mailbox = fields.CharField(max_length=64)
    folder = fields.CharField(max_length=255)
    uidvalidity = fields.BigIntField()
    uid = fields.BigIntField()
    content = fields.BinaryField()  # the raw mail; its header only when `oversize`
    size = fields.IntField()  # bytes, as the server told it
    oversize = fields.BooleanField(db_default=False)
    content_hash = fields.CharField(max_length=64)  # see `store.inbound.content_hash`
    arrived_at = fields.DatetimeField()  # INTERNALDATE: the truth about when it came
    spooled_at = fields.DatetimeField()
    state = fields.CharEnumField(InboundState, max_length=12, default=InboundState.STORED)
    attempts = fields.IntField(db_default=0)  # counted before parsing
    next_attempt_at = fields.DatetimeField()
    outcome = fields.CharField(max_length=24, default="")  # message, note, automatic, ...
    reason = fields.TextField(default="")
    ticket_id = fields.IntField(null=True)
    filed = fields.BooleanField(db_default=False)  # moved out of the inbox
    claimed_by = fields.CharField(max_length=64, db_default="")  # the node that claimed it last

    class Meta:
        table = "inbound_mail"
        unique_together = (("mailbox", "folder", "uidvalidity", "uid"),)
        indexes = (
            Index(fields=("state", "id"), name="inbound_due"),
            Index(fields=("mailbox", "content_hash"), name="inbound_content"),
            Index(fields=("mailbox", "filed", "id"), name="inbound_unfiled"),
        )


class HeldMail(Table):
    """A mail in an agent's name that waits for their word: nothing proved it theirs, or the safety catch saw something."""

    id = fields.IntField(primary_key=True)
    inbound_id = fields.IntField(unique=True)
    agent = fields.CharField(max_length=64)
    ticket_id = fields.IntField()
    note = fields.BooleanField(db_default=False)
    held_at = fields.DatetimeField()
    until = fields.DatetimeField()
    asked_at = fields.DatetimeField(null=True)  # a letter went out about it
    settled_at = fields.DatetimeField(null=True)  # carried out, or thrown away by the agent
    side_id = fields.IntField(null=True)  # the side conversation it is for
    because = fields.CharField(max_length=24, db_default="")  # of letters.HeldBecause; empty: nothing proved it theirs

    class Meta:
        table = "held_mail"
        indexes = (Index(fields=("agent", "asked_at"), name="held_mail_asked"),)


class SuppressedAddress(Table):
    """Somebody whose server said for good that mail does not arrive: nothing automatic is sent there for a while."""

    id = fields.IntField(primary_key=True)
    address = fields.CharField(max_length=320, unique=True)  # case folded
    since = fields.DatetimeField()
    until = fields.DatetimeField()
    words = fields.TextField()  # the server's

    class Meta:
        table = "suppressed_address"


class AutomaticLetter(Table):
    """An automatic letter to a customer that was let go: what budgets count."""

    id = fields.IntField(primary_key=True)
    at = fields.DatetimeField()
    address = fields.CharField(max_length=320)  # case folded, without a detail
    domain = fields.CharField(max_length=320)
    ticket_id = fields.IntField()
    letter = fields.CharField(max_length=24)
    stranger = fields.BooleanField()  # to nobody proven, nobody an agent has written to
    held = fields.BooleanField()  # by a budget that others share: counts for the address, not in all
    answered = fields.BooleanField(db_default=False)  # an agent has written to the address since

    class Meta:
        table = "automatic_letter"
        indexes = (
            Index(fields=("address", "at"), name="automatic_letter_address"),
            Index(fields=("address", "answered"), name="automatic_letter_answered"),
            Index(fields=("domain", "held", "at", "stranger"), name="automatic_letter_domain"),
            Index(fields=("ticket_id", "at"), name="automatic_letter_ticket"),
            Index(fields=("held", "at", "stranger"), name="automatic_letter_at"),
        )


class StoppedLetter(Table):
    """An automatic letter that did not leave; its ticket's history tells more."""

    id = fields.IntField(primary_key=True)
    at = fields.DatetimeField()
    reason = fields.CharField(max_length=80)  # of core.budgets.Stopped

    class Meta:
        table = "stopped_letter"
        indexes = (Index(fields=("at",), name="stopped_letter_at"),)


class OutboxContent(Table):
    """The final bytes of a mail of ours: apart from its state, each change of which would write them anew."""

    id = fields.IntField(primary_key=True)  # of the outbox_mail
    content = fields.BinaryField()

    class Meta:
        table = "outbox_content"


class OutboxMail(Table):
    """A mail of ours: one recipient, one Message-ID, one unique key. Its bytes are an `OutboxContent`."""

    id = fields.IntField(primary_key=True)
    key = fields.CharField(max_length=200, unique=True)  # ticket, letter, cause, recipient: never queued twice
    ticket_id = fields.IntField(null=True)
    mailbox = fields.CharField(max_length=64)  # whose SMTP account
    letter = fields.CharField(max_length=24)
    mail_class = fields.CharEnumField(MailClass, max_length=12)
    sender = fields.CharField(max_length=320)  # MAIL FROM; empty is the null path
    recipient = fields.CharField(max_length=320)  # RCPT TO
    message_id = fields.TextField()
    message_digest = fields.CharField(max_length=64, default="")  # SHA-256 of it: reports name the mail by it
    created_at = fields.DatetimeField()
    not_before = fields.DatetimeField(null=True)
    state = fields.CharEnumField(OutboxState, max_length=12, default=OutboxState.QUEUED)
    attempts = fields.IntField(db_default=0)
    doubts = fields.IntField(db_default=0)  # attempts that were cut after the final dot
    handing_over = fields.BooleanField(db_default=False)  # the last attempt came to writing the content
    next_attempt_at = fields.DatetimeField()  # while sending: when the attempt counts as lost
    reply = fields.TextField(default="")  # the server's last words, with the code
    late_told = fields.BooleanField(db_default=False)  # that it takes long
    sent_at = fields.DatetimeField(null=True)
    claimed_by = fields.CharField(max_length=64, db_default="")  # the node that claimed it last
    copy_due_at = fields.DatetimeField(null=True)  # when the Sent folder is looked into for it; null: it is not
    copy_attempts = fields.IntField(db_default=0)

    class Meta:
        table = "outbox_mail"
        indexes = (
            Index(fields=("mailbox", "state", "next_attempt_at"), name="outbox_due"),
            Index(fields=("ticket_id", "id"), name="outbox_of_ticket"),
            Index(fields=("message_digest",), name="outbox_message"),
            Index(fields=("mailbox", "copy_due_at"), name="outbox_uncopied"),
        )
