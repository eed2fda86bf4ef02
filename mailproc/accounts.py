"""From settings to the servers: how mailboxes are read, and mail goes out."""

from __future__ import annotations

from mailproc.inbox.source import ImapAccount
from mailproc.outbox.transport import Security, SmtpAccount
from mailproc.settings import MailboxSettings, SmtpSettings


def imap_account(mailbox: MailboxSettings) -> ImapAccount:
    """How a mailbox is read."""
    imap = mailbox.imap
    return ImapAccount(
        imap.host, imap.port, imap.security, imap.user, imap.password.get_secret_value(), imap.folder, imap.ca_file,
        read_timeout=imap.timeout.total_seconds(),
    )  # fmt: skip


def smtp_account(mailbox: MailboxSettings, connections: int) -> SmtpAccount:
    """How a mailbox's mail goes out."""
    return smtp_server(mailbox.smtp, mailbox.address.rpartition("@")[2], connections)


def smtp_server(smtp: SmtpSettings, helo: str, connections: int) -> SmtpAccount:
    """A server we send by."""
    return SmtpAccount(
        smtp.host,
        smtp.port,
        Security(smtp.security),
        smtp.user,
        smtp.password.get_secret_value(),
        smtp.allow_clear,
        str(smtp.ca_file or ""),
        smtp.timeout.total_seconds(),
        helo=helo,
        connections=connections,
    )
