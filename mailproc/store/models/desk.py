"""What agents set and did by mail, and how the desk itself is."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index

from mailproc.store.models.table import Table
from mailproc.store.models.ticket import Ticket


class AgentAction(Table):
    """What one mail of an agent changed, so that `#undo` can put it back exactly."""

    id = fields.IntField(primary_key=True)
    ticket: fields.ForeignKeyRelation[Ticket] = fields.ForeignKeyField("models.Ticket", related_name="actions")
    agent = fields.CharField(max_length=64)
    inbound_id = fields.IntField()  # the mail; letters it caused bear it in their keys
    at = fields.DatetimeField()
    before = fields.TextField()  # JSON: the rows as they stood, of every ticket it touched
    after = fields.TextField()
    undone_at = fields.DatetimeField(null=True)

    class Meta:
        table = "agent_action"
        indexes = (Index(fields=("ticket_id", "id"), name="agent_action_of_ticket"),)


class AgentState(Table):
    """What an agent has set by mail: away, and how they like to be told."""

    id = fields.IntField(primary_key=True)
    agent = fields.CharField(max_length=64, unique=True)
    away_since = fields.DatetimeField(null=True)
    away_until = fields.DatetimeField(null=True)  # None while away: until they say so
    away_by = fields.CharField(max_length=8, db_default="")  # of core.staff.AwayBy
    quiet = fields.BooleanField(db_default=False)  # receipts only on trouble
    only_mine = fields.BooleanField(db_default=False)  # no news of tickets that nobody has
    digest_at = fields.CharField(max_length=5, db_default="")  # "08:00" of their zone; empty: none
    digest_sent_at = fields.DatetimeField(null=True)

    class Meta:
        table = "agent_state"


class MutedTicket(Table):
    """A ticket an agent wants to hear nothing more of."""

    id = fields.IntField(primary_key=True)
    agent = fields.CharField(max_length=64)
    ticket: fields.ForeignKeyRelation[Ticket] = fields.ForeignKeyField("models.Ticket", related_name="muted")

    class Meta:
        table = "muted_ticket"
        unique_together = (("agent", "ticket"),)


class Digest(Table):
    """A list that was sent to an agent: which ticket stands behind each of its numbers."""

    id = fields.IntField(primary_key=True)
    agent = fields.CharField(max_length=64)
    sent_at = fields.DatetimeField()
    tickets = fields.TextField()  # numbers in the order of the lines, a space between two

    class Meta:
        table = "digest"


class Node(Table):
    """A living process, where several work on one PostgreSQL (see `store.nodes`)."""

    id = fields.IntField(primary_key=True)
    name = fields.CharField(max_length=64, unique=True)
    until = fields.DatetimeField()  # by the database's clock: dead from then on, unless renewed

    class Meta:
        table = "node"


class MailboxLease(Table):
    """Which node reads a mailbox, for as long as it lives."""

    id = fields.IntField(primary_key=True)
    mailbox = fields.CharField(max_length=64, unique=True)
    node = fields.CharField(max_length=64)
    heard_until = fields.DatetimeField(null=True)  # everything that had arrived by then is in the spool

    class Meta:
        table = "mailbox_lease"


class Health(Table):
    """How a connection to the world is: an IMAP or SMTP account, as whoever uses it last found it."""

    id = fields.IntField(primary_key=True)
    name = fields.CharField(max_length=100, unique=True)  # "imap support"
    well_at = fields.DatetimeField(null=True)  # when it worked last
    trouble = fields.TextField(default="")  # why it doesn't
    trouble_since = fields.DatetimeField(null=True)
    certificate_until = fields.DatetimeField(null=True)  # when the certificate of its server ends

    class Meta:
        table = "health"


class Alert(Table):
    """Something the operator was told of, until it is well again."""

    id = fields.IntField(primary_key=True)
    name = fields.CharField(max_length=100, unique=True)
    told_at = fields.DatetimeField()
    open = fields.BooleanField()

    class Meta:
        table = "alert"
