"""Files people send: what may harm is named to the agents, never passed on, opened or echoed."""

from __future__ import annotations

import io
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from mailproc.app import policy_of
from mailproc.core.enclosures import sorted_out
from mailproc.core.letters import WithheldBecause
from mailproc.core.message import Attachment
from mailproc.demo.people import text_of
from tests.testlib.by_hand import PROVEN, STRICT, Hand, by_hand, decoded, read
from tests.testlib.idle_desk import nowhere_settings

pytestmark = [pytest.mark.row("A27")]


@pytest.fixture
async def hand(tmp_path: Path) -> AsyncIterator[Hand]:
    async with by_hand(tmp_path, agents=STRICT) as hand:
        yield hand


def file(name: str, kind: str = "application/octet-stream", size: int = 10) -> Attachment:
    return Attachment(name, kind, bytes(size))


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.exe", "application/octet-stream"), ("Invoice.pdf.EXE", "application/pdf"), ("a.exe. ", "text/plain"),
        ("x.lnk", "application/octet-stream"),
        ("disk.iso", "application/octet-stream"), ("macro.docm", "application/octet-stream"), ("p.svg", "image/png"),
        ("a.js", "text/plain"), ("script", "application/x-msdownload"),
    ],
)  # fmt: skip
def test_what_a_double_click_would_run_stays_here(name: str, kind: str, tmp_path: Path) -> None:
    policy = policy_of(nowhere_settings(tmp_path)).enclosures
    passed, withheld = sorted_out([file("a.log"), file(name, kind)], policy, 17)
    assert [each.filename for each in passed] == ["a.log"]
    assert [(each.because, each.inbound, each.place) for each in withheld] == [(WithheldBecause.KIND, 17, 2)]


@pytest.mark.parametrize("name", ["a.log", "photo.jpg", "report.pdf", "exe", "locked.zip", "table.xlsx", "winmail.dat"])
def test_what_people_need_is_passed_on(name: str, tmp_path: Path) -> None:
    assert sorted_out([file(name)], policy_of(nowhere_settings(tmp_path)).enclosures, 17)[1] == ()


def test_of_too_many_bytes_the_first_are_passed_on(tmp_path: Path) -> None:
    policy = policy_of(nowhere_settings(tmp_path, attachments={"most_bytes": 100})).enclosures
    passed, withheld = sorted_out([file("a", size=60), file("b", size=60), file("c", size=40)], policy, 17)
    assert [each.filename for each in passed] == ["a", "c"]
    assert [(each.name, each.because) for each in withheld] == [("b", WithheldBecause.SIZE)]


async def test_the_agent_reads_what_was_kept_back_and_how_to_get_it(hand: Hand) -> None:
    files = (("log.txt", b"paper jam"), ("../../run me.exe", b"MZ evil"))
    number = await hand.write("clara", "See the files.", attachments=files)
    news = await hand.last("anna", "notification")
    assert b"MZ evil" not in decoded(news).encode()
    assert [part.get_filename() for part in read(news).walk() if part.get_filename()] == ["log.txt"]
    words = " ".join(text_of(news).split())
    assert "Not passed on: run me.exe (7 Bytes), files of this kind are not passed on." in words
    assert f"mailproc inbound attachment {number} 2 > file" in words


@pytest.mark.row("I12")
async def test_an_archive_is_passed_on_as_it_is_and_never_unpacked(hand: Hand) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("zeros", bytes(50_000_000))
    await hand.write("clara", "See the file.", attachments=(("zeros.zip", packed.getvalue()),))
    [file] = [part for part in read(await hand.last("anna", "notification")).walk() if part.get_filename()]
    assert file.get_payload(decode=True) == packed.getvalue()


@pytest.mark.row("I16")
async def test_no_file_of_a_customer_goes_back_to_any_customer(hand: Hand) -> None:
    await hand.write("clara", "See the file.", attachments=(("log.txt", b"paper jam"), ("a.exe", b"MZ evil")))
    await hand.reply("anna", await hand.last("anna", "notification"), "#resolve\nInstall driver 4.2.", PROVEN)
    for letter in await hand.letters("clara"):
        assert "paper jam" not in decoded(letter)
        assert not [part for part in read(letter).walk() if part.get_filename()]
