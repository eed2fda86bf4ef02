"""People, tickets, what is said on them and what becomes due."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index

from mailproc.store.models.table import Table


class Person(Table):
    """Someone who writes to us. Learned from mail."""

    id = fields.IntField(primary_key=True)
    address = fields.CharField(max_length=320, unique=True)  # compared form: case folded
    written = fields.CharField(max_length=320)  # as last written, for the envelope
    name = fields.CharField(max_length=200, default="")
    language = fields.CharField(max_length=16, default="")
    time_zone = fields.CharField(max_length=64, default="")
    organisation = fields.CharField(max_length=200, db_default="")
    vip = fields.BooleanField(db_default=False)
    blocked_by = fields.CharField(max_length=64, db_default="")  # the agent who wants no more mail of theirs
    created_at = fields.DatetimeField()

    class Meta:
        table = "person"


class Ticket(Table):
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
    category = fields.CharField(max_length=64, db_default="")
    issue_type = fields.CharField(max_length=64, db_default="")
    product = fields.CharField(max_length=64, db_default="")
    tags = fields.CharField(max_length=500, db_default="")  # in alphabetical order, a space between two
    cause = fields.CharField(max_length=200, db_default="")  # what it was, in the agent's words
    minutes_spent = fields.IntField(db_default=0)
    article_wanted = fields.BooleanField(db_default=False)  # for the knowledge base
    restricted = fields.BooleanField(db_default=False)  # a matter of security: nobody but its team sees it
    eta_at = fields.DatetimeField(null=True)  # when the customer was told it would be solved
    snoozed_until = fields.DatetimeField(null=True)  # out of the queue until then, or until the customer writes
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
    merged_into_id = fields.IntField(null=True)  # no reference: it may point to a ticket that a copy writes later
    begun_by_answer = fields.BooleanField(db_default=False)  # to a mail we don't know, which may come later
    proven = fields.BooleanField(db_default=False)  # that its customer wrote its first mail
    unconfirmed = fields.BooleanField(db_default=False)  # the agent has still to say: the customer's address is right
    rounds_begun = fields.IntField(db_default=0)  # the highest round there ever was, undone ones too

    class Meta:
        table = "ticket"
        indexes = (
            Index(fields=("status", "updated_at"), name="ticket_status"),
            Index(fields=("customer_id", "subject_key", "updated_at"), name="ticket_subject"),
            Index(fields=("owner", "status"), name="ticket_owner"),
            Index(fields=("customer_id", "created_at"), name="ticket_customer"),
            Index(fields=("merged_into_id",), name="ticket_merged"),
            Index(fields=("team", "status", "promised_at"), name="ticket_team"),
            Index(fields=("resolved_by", "resolved_at"), name="ticket_resolver"),
        )


class TicketLink(Table):
    """Two tickets that have to do with each other; written once, the lower number first."""

    id = fields.IntField(primary_key=True)
    ticket: fields.ForeignKeyRelation[Ticket] = fields.ForeignKeyField("models.Ticket", related_name="links")
    other: fields.ForeignKeyRelation[Ticket] = fields.ForeignKeyField("models.Ticket", related_name="linked_by")
    linked_at = fields.DatetimeField()

    class Meta:
        table = "ticket_link"
        unique_together = (("ticket", "other"),)
        indexes = (Index(fields=("other_id",), name="ticket_link_other"),)


class SideConversation(Table):
    """A thread of its own with a third party, about a ticket: the customer sees nothing of it but what is shared."""

    id = fields.IntField(primary_key=True)
    ticket: fields.ForeignKeyRelation[Ticket] = fields.ForeignKeyField("models.Ticket", related_name="sides")
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField("models.Person", related_name="sides")
    agent = fields.CharField(max_length=64)  # who asked
    thread = fields.TextField(default="")  # Message-IDs, oldest first
    asked_at = fields.DatetimeField()
    answered_at = fields.DatetimeField(null=True)  # by the third party, last

    class Meta:
        table = "side_conversation"
        indexes = (Index(fields=("ticket_id", "id"), name="side_conversation_of_ticket"),)


class Participant(Table):
    """Who takes part in a ticket beside its customer: people in copy, who may write."""

    id = fields.IntField(primary_key=True)
    ticket: fields.ForeignKeyRelation[Ticket] = fields.ForeignKeyField("models.Ticket", related_name="participants")
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField("models.Person", related_name="participations")
    added_at = fields.DatetimeField()

    class Meta:
        table = "participant"
        unique_together = (("ticket", "person"),)


class TicketMessage(Table):
    """Something said on a ticket: by the customer, an agent, a stranger, a robot."""

    id = fields.IntField(primary_key=True)
    ticket: fields.ForeignKeyRelation[Ticket] = fields.ForeignKeyField("models.Ticket", related_name="messages")
    inbound_id = fields.IntField(null=True)
    kind = fields.CharField(max_length=12)  # of core.effects.Kind
    side_id = fields.IntField(null=True)  # the side conversation it belongs to
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


class KnownMessageId(Table):
    """Message-IDs of others on a ticket, to find a reply's ticket. Ours carry a token and need no row."""

    id = fields.IntField(primary_key=True)
    digest = fields.CharField(max_length=64)  # SHA-256 of "<...>"
    awaited = fields.BooleanField(db_default=False)  # only referred to by now: the mail may come later
    ticket: fields.ForeignKeyRelation[Ticket] = fields.ForeignKeyField("models.Ticket", related_name="message_ids")

    class Meta:
        table = "known_message_id"
        indexes = (Index(fields=("digest",), name="known_message_id_digest"),)


class HistoryEntry(Table):
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


class Deadline(Table):
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
    agent = fields.CharField(max_length=64, db_default="")  # who asked for it
    note = fields.TextField(default="")  # how it ended: fired, cancelled and why, or the last failure

    class Meta:
        table = "deadline"
        indexes = (
            Index(fields=("done_at", "due_at"), name="deadline_due"),
            Index(fields=("ticket_id", "kind"), name="deadline_of_ticket"),
        )


class Rating(Table):
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
        indexes = (Index(fields=("agent", "rated_at"), name="rating_of_agent"),)
