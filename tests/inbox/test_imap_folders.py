"""Folders for handled mail are looked at by `mailproc check` before the first mail is moved there."""

from __future__ import annotations

import pytest

from mailproc.inbox.imap import ImapSource
from mailproc.inbox.source import FolderLook, Shelf
from tests.inbox.reading import account, contents, look, reading
from tests.testlib.imap_script import MAIL, ONE_MAIL, Answer, ScriptedImap

READ_ONLY = b"* 0 EXISTS\r\n* OK [UIDVALIDITY 7] .\r\n* OK [UIDNEXT 1] .\r\n{tag} OK [READ-ONLY] selected\r\n"
LISTED = b'* LIST () "." "%b"\r\n{tag} OK listed\r\n'
SPACES = b'* NAMESPACE (("INBOX." ".")) NIL NIL\r\n{tag} OK told\r\n'
WITH_RIGHTS = b"{tag} OK [CAPABILITY IMAP4rev1 NAMESPACE ACL] in\r\n"
NOTHING = b"{tag} OK listed\r\n"
RIGHTS = b"* MYRIGHTS INBOX %b\r\n{tag} OK told\r\n"


@pytest.mark.parametrize(
    ("folder", "script", "shelf"),
    [
        ("INBOX.Done", {"LIST": LISTED % b"INBOX.Done", "MYRIGHTS": RIGHTS % b"lrswi"}, Shelf.READY),
        ("INBOX.Done", {"LIST": LISTED % b"INBOX.Done", "MYRIGHTS": RIGHTS % b"lrs"}, Shelf.READ_ONLY),
        ("INBOX.Done", {"MYRIGHTS": RIGHTS % b"lrsk"}, Shelf.MISSING),
        ("INBOX.Done", {"MYRIGHTS": RIGHTS % b"lrs"}, Shelf.FORBIDDEN),
        ("INBOX.Done", {"MYRIGHTS": b"{tag} NO not told\r\n"}, Shelf.MISSING),
        ("Done", {}, Shelf.OUTSIDE),
        ("INBOX.a..b", {}, Shelf.MISNAMED),
    ],
)
async def test_a_folder_is_judged_without_changing_anything(
    folder: str, script: dict[str, Answer], shelf: Shelf
) -> None:
    async with ScriptedImap({"LOGIN": WITH_RIGHTS, "NAMESPACE": SPACES, "LIST": NOTHING, **script}) as server:
        source = ImapSource(account(server.port))
        try:
            await source.open()
            assert await source.look_at(folder) == FolderLook(shelf, "INBOX.")
            assert not [command for command in server.heard if command.startswith(("CREATE", "SUBSCRIBE"))]
        finally:
            await source.close()


async def test_a_folder_nothing_may_be_written_to_is_found_without_acl() -> None:
    script: dict[str, Answer] = {"SELECT": READ_ONLY, "EXAMINE": READ_ONLY, "LIST": LISTED % b"Processed"}
    async with ScriptedImap(script) as server:
        source = ImapSource(account(server.port))
        try:
            await source.open()
            assert await source.look_at("Processed") == FolderLook(Shelf.READ_ONLY)
        finally:
            await source.close()


@pytest.mark.row("N11")
async def test_a_mailbox_that_may_only_be_read_is_read(caplog: pytest.LogCaptureFixture) -> None:
    shown = READ_ONLY.replace(b"0 EXISTS", b"1 EXISTS").replace(b"UIDNEXT 1", b"UIDNEXT 2")
    script: dict[str, Answer] = {**ONE_MAIL, "SELECT": shown, "EXAMINE": shown}
    async with ScriptedImap(script) as server, reading(account(server.port)) as poller:
        await look(poller)
        assert await contents() == [MAIL]
    assert "inbox.read_only" in caplog.text
