"""Settings that bound something: what may leave, what is passed on, how large a thing may be."""

from __future__ import annotations

from datetime import timedelta

from pydantic import Field

from mailproc.core.budgets import Budgets
from mailproc.settings_values import Budget, Duration, Section

_BUDGETS = Budgets()


class BudgetSettings(Section):
    """How many automatic letters leave; answers of agents always do. "15/1h": at most 15 within any hour."""

    address: tuple[Budget, ...] = Field(_BUDGETS.address, description="to one address; what is beyond is not sent")
    ticket: tuple[Budget, ...] = Field(_BUDGETS.ticket, description="about one ticket")
    domain: tuple[Budget, ...] = Field(
        _BUDGETS.domain, description="to all addresses of one domain; what is beyond is held"
    )
    unanswered: tuple[Budget, ...] = Field(
        _BUDGETS.unanswered, description="acknowledgements to one address, since an agent wrote there last"
    )
    unproven: tuple[Budget, ...] = Field(
        _BUDGETS.unproven,
        description="the same, where agents.trusted_authserv_ids are set and nothing proves who writes",
    )
    breaker: tuple[Budget, ...] = Field(
        _BUDGETS.breaker, description="in all; what is beyond is held: mailproc outbox release, or drop"
    )
    agent: tuple[Budget, ...] = Field(
        _BUDGETS.agent,
        description="receipts and the like to one agent about one ticket: their address may answer by itself",
    )
    tickets: Budget = Field(
        _BUDGETS.tickets, description="new tickets of one sender; further mails go onto the newest of them"
    )


class SafetySettings(Section):
    """What stands between an agent's mail and the customer. A mail that is held waits for the agent: one tap sends it."""

    hold: Duration = Field(
        timedelta(minutes=1),
        ge=timedelta(0),
        le=timedelta(minutes=30),
        description="an agent's letters leave only then, so that #undo can take them back; 0s: at once",
    )
    empty: bool = Field(True, description="hold mails in which nothing is left below the commands")
    only_signature: bool = Field(True, description="or nothing but a signature")
    unknown_command: bool = Field(True, description="or with a command that is not understood; else sent as words")
    customer_wrote: bool = Field(True, description="or that answer a notification, and the customer wrote since")
    colleague_answered: bool = Field(True, description="or a colleague answered since")
    other_customer: bool = Field(True, description="or the ticket has become another customer's since")
    other_address: bool = Field(True, description="or that name an address this ticket knows nothing of")
    other_ticket: bool = Field(True, description="or another customer's ticket")
    internal_words: bool = Field(True, description='or that say "internal only", "nicht an den Kunden" and the like')
    missing_attachment: bool = Field(True, description="or that announce an attachment there is none of")
    stray_quote: bool = Field(True, description="or in which a line is marked as quoted that quotes no letter of ours")


class AttachmentSettings(Section):
    """Which files reach an agent by mail; the others are named, and fetched with `mailproc inbound attachment`."""

    blocked_extensions: tuple[str, ...] = Field(
        (
            "ade", "adp", "apk", "appx", "bat", "chm", "cmd", "com", "cpl", "dll", "docm", "exe", "gadget", "hta", "img",
            "inf", "ins", "iso", "jar", "js", "jse", "lnk", "mde", "mht", "mhtml", "msc", "msi", "msp", "mst", "one", "pif",
            "pptm", "ps1", "reg", "scf", "scr", "sct", "sh", "svg", "svgz", "sys", "url", "vb", "vbe", "vbs", "vhd", "vhdx",
            "webloc", "website", "wsc", "wsf", "wsh", "xlam", "xlsm", "xll",
        ),
        description="what a double click would run, without the dot; HTML is passed on as a cleaned copy unless named here",
    )  # fmt: skip
    blocked_types: tuple[str, ...] = Field(
        (
            "application/hta", "application/java-archive", "application/javascript", "application/x-iso9660-image",
            "application/x-msdos-program", "application/x-msdownload", "application/x-ms-shortcut",
            "image/svg+xml", "text/javascript",
        ),
        description="the same by media type",
    )  # fmt: skip
    most_bytes: int = Field(10_000_000, ge=0, description="all files of one letter together")


class LimitSettings(Section):
    message_bytes: int = Field(40_000_000, ge=10_000, description="larger mails: only the header is fetched")
    tell_oversize_sender: bool = Field(True, description="whether their sender is told, once a ticket")
    header_fields: int = Field(1_000, ge=100, description="a mail over one of these six caps is quarantined, unread")
    header_bytes: int = Field(256_000, ge=10_000)
    field_bytes: int = Field(64_000, ge=2_000, description="one header field")
    lines: int = Field(1_000_000, ge=1_000)
    parts: int = Field(500, ge=10)
    depth: int = Field(30, ge=5, le=60, description="of parts in parts")
    addresses: int = Field(400, ge=20, description="in one header field; the rest is left out")
    references: int = Field(100, ge=20, description="Message-IDs a mail refers to; older ones are left out")
    copied: int = Field(20, ge=0, le=200, description="people in copy kept as participants")
    parser_workers: int = Field(1, ge=1, le=32)
    parser_memory: int = Field(600_000_000, ge=200_000_000, description="bytes a parser may use")
    parser_seconds: float = Field(20.0, gt=0, description="time a parser may take for one mail")
    smtp_connections: int = Field(4, ge=1, le=32, description="to each SMTP server at once")
