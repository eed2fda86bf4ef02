"""What a receipt reports."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Change(StrEnum):
    """What a receipt can report; `detail` of `Done` carries the value."""

    SENT = "sent"  # detail: the address
    NOT_SENT = "not_sent"  # the customer's address is none
    STATUS = "status"  # detail: the new status
    ASSIGNED = "assigned"  # detail: display name of agent or team
    IS_AWAY = "is_away"  # detail: whom it was given to; `at` says until when, None: until they say so
    NOTED = "noted"
    FORWARDED = "forwarded"  # detail: whose mail it was, as understood
    CUSTOMER = "customer"  # detail: the address whose ticket it is now
    SUBJECT = "subject"  # detail: as the new customer reads it; empty: none
    OPENED = "opened"  # detail: the address it was opened for
    ACKNOWLEDGED = "acknowledged"  # detail: the address
    UNCONFIRMED = "unconfirmed"  # detail: the address nothing automatic goes to before the agent says yes
    ASKED = "asked"  # detail: display name of the colleague
    ASKED_OUTSIDE = "asked_outside"  # detail: the third party's address
    SHARED_FILE = "shared_file"  # detail: the name of a third party's file that goes to the customer
    NOT_SHARED = "not_shared"  # detail: the name of one that does not
    OWN_CARD = "own_card"  # detail: the name of a file of the agent's that stays here
    OWN_PAGE = "own_page"  # detail: the name of a file that shows agents a customer's mail, and stays here
    TOLD = "told"  # detail: the customer's address, told of the status
    ACCEPTED = "accepted"  # detail: the address that takes part now
    DOUBTFUL = "doubtful"  # detail: an address that refused mail lately
    NOTHING = "nothing"  # there was nothing to do
    REFUSED = "refused"  # detail: a value of `lifecycle.Refusal`
    # Facts by command; detail is the value.
    PRIORITY = "priority"
    CATEGORY = "category"
    TYPE = "type"
    PRODUCT = "product"
    TAGGED = "tagged"
    UNTAGGED = "untagged"
    UNCOPIED = "uncopied"  # detail: the address that takes part no more
    CAUSE = "cause"
    TIME = "time"  # detail: all of it by now, as "1:20"
    ARTICLE = "article"
    PROMISED = "promised"  # `at` is the date the customer is told
    UNPROMISED = "unpromised"
    SNOOZED = "snoozed"  # `at` says until when
    WOKEN = "woken"
    REMINDING = "reminding"  # `at` says when
    NOT_REMINDING = "not_reminding"
    # Taking back.
    UNDONE = "undone"  # `at`: what was done then
    TAKEN_BACK = "taken_back"  # detail: the address a letter would have gone to
    GONE = "gone"  # detail: the address a letter has reached
    NOT_UNDONE = "not_undone"  # detail: unknown, undone (already), changed (something else, since)
    MEANWHILE = "meanwhile"  # detail: a line of the history
    NOT_YOURS = "not_yours"  # no ticket of the agent or their teams
    MERGED = "merged"  # detail: the number of the ticket it lives on in
    NOT_REACHED = "not_reached"  # detail: who is in copy, and was not where the mail belonged that was answered
    LEFT_OUT = "left_out"  # detail: who was in copy and is not in copy there
    SPLIT = "split"  # detail: the number of the ticket it was split off
    LINKED = "linked"  # detail: a number
    UNLINKED = "unlinked"
    ESCALATED = "escalated"  # detail: who was asked
    BLOCKED = "blocked"  # detail: the address
    RESTRICTED = "restricted"  # detail: the team
    # Settings of the agent's own.
    AWAY = "away"  # `at` says until when; None: until they say so
    BACK = "back"
    MUTED = "muted"  # detail: the ticket's number
    UNMUTED = "unmuted"
    ONLY_MINE = "only_mine"
    TOLD_ALL = "told_all"
    DIGEST_AT = "digest_at"  # detail: "08:00"
    NO_DIGEST = "no_digest"
    QUIET = "quiet"
    NOT_QUIET = "not_quiet"
    DISCARDED = "discarded"  # a mail that was held


@dataclass(frozen=True, slots=True)
class Done:
    change: Change
    detail: str = ""
    at: datetime | None = None
