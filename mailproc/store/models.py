"""The tables, as Tortoise models. Private to `mailproc.store`: everything else goes through its functions.

Datetimes are aware and in UTC. Long identifiers (Message-IDs may have any length) are looked up by their SHA-256.
The SQL that creates these tables is written by hand in `migrations/`; a test compares the two.
"""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from mailproc.store.states import InboundState, MailClass, OutboxState


class FolderState(Model):
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


class InboundMail(Model):
    """The spool: one row a mail, its bytes committed before anything else happens to it."""

    id = fields.IntField(primary_key=True)
    mailbox = fields.CharField(max_length=64)
    folder = fields.CharField(max_length=255)
    uidvalidity = fields.BigIntField()
    uid = fields.BigIntField()
    content = fields.BinaryField()  # the raw mail; its header only when `oversize`
    size = fields.IntField()  # bytes, as the server told it
    oversize = fields.BooleanField(db_default=False)
    content_hash = fields.CharField(max_length=64)  # SHA-256 of `content`
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


class HeldMail(Model):
    """A mail in an agent's name that nothing proved theirs, until the agent confirms it."""

    id = fields.IntField(primary_key=True)
    inbound_id = fields.IntField(unique=True)
    agent = fields.CharField(max_length=64)
    ticket_id = fields.IntField()
    note = fields.BooleanField(db_default=False)
    held_at = fields.DatetimeField()
    until = fields.DatetimeField()
    asked_at = fields.DatetimeField(null=True)  # a letter went out about it
    settled_at = fields.DatetimeField(null=True)  # carried out

    class Meta:
        table = "held_mail"
        indexes = (Index(fields=("agent", "asked_at"), name="held_mail_asked"),)


class SuppressedAddress(Model):
    """Somebody whose server said for good that mail does not arrive: nothing automatic is sent there for a while."""

    id = fields.IntField(primary_key=True)
    address = fields.CharField(max_length=320, unique=True)  # case folded
    since = fields.DatetimeField()
    until = fields.DatetimeField()
    words = fields.TextField()  # the server's

    class Meta:
        table = "suppressed_address"


class AutomaticLetter(Model):
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
            Index(fields=("domain", "held", "at", "stranger"), name="automatic_letter_domain"),
            Index(fields=("ticket_id", "at"), name="automatic_letter_ticket"),
            Index(fields=("held", "at", "stranger"), name="automatic_letter_at"),
        )


class StoppedLetter(Model):
    """An automatic letter that did not leave; its ticket's history tells more."""

    id = fields.IntField(primary_key=True)
    at = fields.DatetimeField()
    reason = fields.CharField(max_length=80)  # of core.budgets.Stopped

    class Meta:
        table = "stopped_letter"
        indexes = (Index(fields=("at",), name="stopped_letter_at"),)


class Person(Model):
    """Someone who writes to us. Learned from mail."""

    id = fields.IntField(primary_key=True)
    address = fields.CharField(max_length=320, unique=True)  # compared form: case folded
    written = fields.CharField(max_length=320)  # as last written, for the envelope
    name = fields.CharField(max_length=200, default="")
    language = fields.CharField(max_length=16, default="")
    time_zone = fields.CharField(max_length=64, default="")
    created_at = fields.DatetimeField()

    class Meta:
        table = "person"


class Ticket(Model):
    """One matter of one customer."""

    id = fields.IntField(primary_key=True)  # the number people see
    mailbox = fields.CharField(max_length=64)
    team = fields.CharField(max_length=64)
    subject = fields.CharField(max_length=255)
    subject_key = fields.CharField(max_length=64)  # digest of the base subject
    status = fields.CharField(max_length=24)
    outcome = fields.CharField(max_length=24, default="")  # how it ended, once Closed
    owner = fields.CharField(max_length=64, default="")  # agent's name in the configuration
    customer: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="tickets", on_delete=fields.RESTRICT
    )
    language = fields.CharField(max_length=16)
    priority = fields.CharField(max_length=2, default="P3")
    created_at = fields.DatetimeField()
    updated_at = fields.DatetimeField()
    promised_at = fields.DatetimeField(null=True)  # first answer, as told in the acknowledgement
    answered_at = fields.DatetimeField(null=True)  # first answer of an agent
    resolved_at = fields.DatetimeField(null=True)
    closed_at = fields.DatetimeField(null=True)
    archived_at = fields.DatetimeField(null=True)
    round = fields.IntField(db_default=0)  # counts resolutions: a "yes" belongs to one of them
    reopened = fields.IntField(db_default=0)
    resolved_by = fields.CharField(max_length=64, default="")  # owner at resolve time, for the survey
    resolvers = fields.TextField(default="")  # of all rounds, from the first, one a line
    thread = fields.TextField(default="")  # Message-IDs of the customer's conversation, oldest first
    previous: fields.ForeignKeyNullableRelation[Ticket] = fields.ForeignKeyField(
        "models.Ticket", related_name="followers", null=True, on_delete=fields.SET_NULL
    )
    begun_by_answer = fields.BooleanField(db_default=False)  # to a mail we don't know, which may come later
    proven = fields.BooleanField(db_default=False)  # that its customer wrote its first mail
    version = fields.IntField(db_default=0)

    class Meta:
        table = "ticket"
        indexes = (
            Index(fields=("status", "updated_at"), name="ticket_status"),
            Index(fields=("customer_id", "subject_key", "updated_at"), name="ticket_subject"),
            Index(fields=("owner", "status"), name="ticket_owner"),
            Index(fields=("customer_id", "created_at"), name="ticket_customer"),
        )


class Participant(Model):
    """Who takes part in a ticket beside its customer: people in copy, who may write."""

    id = fields.IntField(primary_key=True)
    ticket: fields.ForeignKeyRelation[Ticket] = fields.ForeignKeyField("models.Ticket", related_name="participants")
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField("models.Person", related_name="participations")
    added_at = fields.DatetimeField()

    class Meta:
        table = "participant"
        unique_together = (("ticket", "person"),)


class TicketMessage(Model):
    """Something said on a ticket: by the customer, an agent, a stranger, a robot."""

    id = fields.IntField(primary_key=True)
    ticket: fields.ForeignKeyRelation[Ticket] = fields.ForeignKeyField("models.Ticket", related_name="messages")
    inbound_id = fields.IntField(null=True)
    kind = fields.CharField(max_length=12)  # customer, answer, note, stranger, automatic, report
    private = fields.BooleanField(db_default=False)  # never shown to a customer
    author = fields.CharField(max_length=320)  # address, or agent's name
    author_name = fields.CharField(max_length=200, default="")
    text = fields.TextField()  # the new words
    full_text = fields.TextField()  # everything readable, quotes included
    attachments = fields.TextField(default="[]")  # JSON list of {name, type, size}; the bytes are in the spool
    created_at = fields.DatetimeField()

    class Meta:
        table = "ticket_message"
        indexes = (Index(fields=("ticket_id", "id"), name="ticket_message_order"),)


class KnownMessageId(Model):
    """Message-IDs of others on a ticket, to find a reply's ticket. Ours carry a token and need no row."""

    id = fields.IntField(primary_key=True)
    digest = fields.CharField(max_length=64)  # SHA-256 of "<...>"
    awaited = fields.BooleanField(db_default=False)  # only referred to by now: the mail may come later
    ticket: fields.ForeignKeyRelation[Ticket] = fields.ForeignKeyField("models.Ticket", related_name="message_ids")

    class Meta:
        table = "known_message_id"
        indexes = (Index(fields=("digest",), name="known_message_id_digest"),)


class HistoryEntry(Model):
    """What happened, in order, and why. Appended to, never changed."""

    id = fields.IntField(primary_key=True)
    ticket_id = fields.IntField(null=True)
    at = fields.DatetimeField()
    kind = fields.CharField(max_length=24)  # mail, status, sent, assigned, rated, ...
    actor = fields.CharField(max_length=320)
    text = fields.TextField()  # one line, for people
    reason = fields.CharField(max_length=64, default="")  # the named constant
    inbound_id = fields.IntField(null=True)
    outbox_id = fields.IntField(null=True)

    class Meta:
        table = "history_entry"
        indexes = (
            Index(fields=("ticket_id", "id"), name="history_of_ticket"),
            Index(fields=("inbound_id",), name="history_of_inbound"),
        )


class OutboxMail(Model):
    """A mail of ours: final bytes, one recipient, one Message-ID, one unique key."""

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
    content = fields.BinaryField()
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

    class Meta:
        table = "outbox_mail"
        indexes = (
            Index(fields=("mailbox", "state", "next_attempt_at"), name="outbox_due"),
            Index(fields=("ticket_id", "id"), name="outbox_of_ticket"),
            Index(fields=("message_digest",), name="outbox_message"),
        )


class Deadline(Model):
    """Something that becomes due. Done at most once by its unique key."""

    id = fields.IntField(primary_key=True)
    key = fields.CharField(max_length=120, unique=True)
    ticket: fields.ForeignKeyRelation[Ticket] = fields.ForeignKeyField("models.Ticket", related_name="deadlines")
    kind = fields.CharField(max_length=24)
    round = fields.IntField()
    set_at = fields.DatetimeField()
    due_at = fields.DatetimeField()
    done_at = fields.DatetimeField(null=True)
    attempts = fields.IntField(db_default=0)
    note = fields.TextField(default="")  # how it ended: fired, cancelled and why, or the last failure

    class Meta:
        table = "deadline"
        indexes = (
            Index(fields=("done_at", "due_at"), name="deadline_due"),
            Index(fields=("ticket_id", "kind"), name="deadline_of_ticket"),
        )


class Rating(Model):
    """A customer's answer to one survey. A second one replaces the first."""

    id = fields.IntField(primary_key=True)
    ticket: fields.ForeignKeyRelation[Ticket] = fields.ForeignKeyField("models.Ticket", related_name="ratings")
    round = fields.IntField()
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField("models.Person", related_name="ratings")
    agent = fields.CharField(max_length=64, default="")
    team = fields.CharField(max_length=64, default="")
    score = fields.IntField()  # 1 bad .. 5 great
    comment = fields.TextField(default="")
    rated_at = fields.DatetimeField()

    class Meta:
        table = "rating"
        unique_together = (("ticket", "round", "person"),)


class Node(Model):
    """A living process, where several work on one PostgreSQL (see `store.nodes`)."""

    id = fields.IntField(primary_key=True)
    name = fields.CharField(max_length=64, unique=True)
    until = fields.DatetimeField()  # by the database's clock: dead from then on, unless renewed

    class Meta:
        table = "node"


class MailboxLease(Model):
    """Which node reads a mailbox, for as long as it lives."""

    id = fields.IntField(primary_key=True)
    mailbox = fields.CharField(max_length=64, unique=True)
    node = fields.CharField(max_length=64)
    heard_until = fields.DatetimeField(null=True)  # everything that had arrived by then is in the spool

    class Meta:
        table = "mailbox_lease"


class Health(Model):
    """How a connection to the world is: an IMAP or SMTP account, as whoever uses it last found it."""

    id = fields.IntField(primary_key=True)
    name = fields.CharField(max_length=100, unique=True)  # "imap support"
    well_at = fields.DatetimeField(null=True)  # when it worked last
    trouble = fields.TextField(default="")  # why it doesn't
    trouble_since = fields.DatetimeField(null=True)
    certificate_until = fields.DatetimeField(null=True)  # when the certificate of its server ends

    class Meta:
        table = "health"


class Alert(Model):
    """Something the operator was told of, until it is well again."""

    id = fields.IntField(primary_key=True)
    name = fields.CharField(max_length=100, unique=True)
    told_at = fields.DatetimeField()
    open = fields.BooleanField()

    class Meta:
        table = "alert"
