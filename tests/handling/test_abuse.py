"""What hostile mail gets out of the desk: nothing (the rows of abuse, worked by hand without servers)."""

from __future__ import annotations

import io
import logging
import re
from base64 import b64encode
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from mailproc import eventlog
from mailproc.demo.people import text_of
from mailproc.store import history, inbound, tickets
from tests.testlib.by_hand import PROVEN, STRICT, Hand, by_hand, decoded, read
from tests.testlib.desk import PEOPLE, SUPPORT
from tests.testlib.dovecot import PASSWORD
from tests.testlib.harmless import harm

TOKEN = re.compile(r"[a-z2-7]{32,56}")


@pytest.fixture
async def hand(tmp_path: Path) -> AsyncIterator[Hand]:
    async with by_hand(tmp_path, agents=STRICT) as hand:
        yield hand


async def answered(hand: Hand, text: str = "Install driver 4.2.") -> None:
    """Clara wrote, Anna has answered."""
    await hand.write("clara", "It prints two pages.")
    await hand.reply("anna", await hand.last("anna", "notification"), text, PROVEN)


@pytest.mark.row("A14")
@pytest.mark.parametrize(
    "words", ["{{7*7}}", "{{ ticket }}", "{% for x in range(9**9) %}", "{0.__class__}", "%(x)s", "$x"]
)
async def test_words_that_look_like_a_template_are_words(hand: Hand, words: str) -> None:
    await hand.write("clara", f"Body {words}", subject=f"Subject {words}")
    assert f"Body {words}" in text_of(await hand.last("anna", "notification"))
    await hand.reply("anna", await hand.last("anna", "notification"), f"See {words}.", PROVEN)
    assert f"See {words}." in text_of(await hand.last("clara", "answer"))


EVIL = (
    '<p onclick="x()">Hello<script>alert(1)</script><img src="http://canary.example/1.gif" width=1>'
    '<a href="javascript:alert(1)">here</a><iframe src="http://canary.example/2"></iframe>'
    '<style>body{background:url(http://canary.example/3)}</style><form action="http://canary.example/4"><input></form>'
    '<meta http-equiv=refresh content="0;http://canary.example/5"><base href="http://canary.example/">'
    '<svg onload="x()"><a xlink:href="data:text/html,x">y</a></svg></p>'
)


@pytest.mark.row("A15", "A16")
@pytest.mark.parametrize("sender", ["clara", "anna"])
async def test_nothing_that_runs_or_loads_is_passed_on(hand: Hand, sender: str) -> None:
    to = SUPPORT
    if sender == "anna":
        await hand.write("clara", "It prints two pages.")
        to = (await hand.last("anna", "notification")).header("Reply-To")
    above = "".join(f"{name}: {value}\r\n" for name, value in PROVEN.items())
    head = f"From: {PEOPLE[sender][1]}\r\nTo: {to}\r\nSubject: Re: Printer\r\nContent-Type: text/html\r\n\r\n"
    await hand.arrives((above + head + EVIL).encode())
    passed = await hand.last(*(("clara", "answer") if sender == "anna" else ("anna", "notification")))
    assert "Hello" in text_of(passed)
    for part in read(passed).walk():
        assert part.get_content_type() in {"multipart/alternative", "text/plain", "text/html"}
        if part.get_content_type() == "text/html":
            page = str(part.get_content())
            assert not re.search(
                r"<(?:script|img|iframe|form|svg|base|object|link|input)|\son[a-z]+=|url\(|refresh", page
            )
            assert not re.search(r"""(?:href|src|action)=(?!["']?(?:mailto:|https?:))""", page)


@pytest.mark.row("A15", "A16")
@pytest.mark.parametrize("kind", ["alternative", "mixed", "related"])
@pytest.mark.parametrize(
    "how", ["", "Content-Disposition: inline\r\n", "Content-Disposition: attachment; filename=a.html\r\n"]
)
@pytest.mark.parametrize("sender", ["clara", "anna"])
async def test_html_beside_the_words_is_a_harmless_file_or_nothing(
    hand: Hand, sender: str, how: str, kind: str
) -> None:
    to = SUPPORT
    if sender == "anna":
        await hand.write("clara", "It prints two pages.")
        to = (await hand.last("anna", "notification")).header("Reply-To")
    above = "".join(f"{name}: {value}\r\n" for name, value in PROVEN.items())
    head = f"From: {PEOPLE[sender][1]}\r\nTo: {to}\r\nContent-Type: multipart/{kind}; boundary=b\r\n\r\n"
    parts = f"--b\r\n\r\nHello\r\n--b\r\nContent-Type: text/html\r\n{how}\r\n{EVIL}\r\n--b--\r\n"
    await hand.arrives((above + head + parts).encode())
    passed = await hand.last(*(("clara", "answer") if sender == "anna" else ("anna", "notification")))
    assert "Hello" in text_of(passed)
    leaves = [part for part in read(passed).walk() if not part.is_multipart()]
    files = [part for part in leaves if part.get_content_disposition() == "attachment"]
    shown = [str(part.get_content()) for part in leaves if part.get_content_disposition() != "attachment"]
    assert not [page for page in shown if "canary" in page or "<script" in page]
    assert sender == "anna" or not [found for each in files for found in harm(str(each.get_content()).encode())]


@pytest.mark.row("A20")
async def test_a_letter_to_an_agent_names_no_customer_and_one_to_a_customer_no_agent(hand: Hand) -> None:
    await hand.write("clara", "It prints two pages.", cc=PEOPLE["chief"][1])
    await hand.reply("anna", await hand.last("anna", "notification"), "Install driver 4.2.", PROVEN)
    for letter in await hand.letters():
        tree = read(letter)
        people = {
            address.addr_spec
            for name in ("To", "Cc")
            for field in tree.get_all(name, [])
            for address in field.addresses
        }
        agents = {PEOPLE[name][1] for name in ("anna", "ben")}
        assert people <= agents if letter.recipient in agents else not people & agents
        assert str(tree["From"].addresses[0].addr_spec) == SUPPORT
        assert tree["Reply-To"].addresses[0].domain == "acme.example"
        assert letter.recipient not in agents or len(people) == 1


@pytest.mark.row("A20")
async def test_an_answer_to_all_makes_no_second_message_of_it(hand: Hand) -> None:
    await answered(hand)
    letter = await hand.last("clara", "answer")
    number = await hand.write("clara", "Thanks, page three is missing.", f"{letter.header('Reply-To')}, {SUPPORT}")
    found = await inbound.get(number)
    assert found is not None
    await hand.arrives(b"Delivered-To: other@acme.example\r\n" + found[1])
    assert (await hand.reason(number + 1)).startswith("the same mail came once more")
    assert await tickets.view(2) is None


@pytest.mark.row("A22")
async def test_a_mail_that_names_us_nowhere_is_heard_and_hidden_recipients_stay_hidden(hand: Hand) -> None:
    raw = f"From: {PEOPLE['clara'][1]}\r\nTo: undisclosed-recipients:;\r\nBcc: {PEOPLE['mallory'][1]}\r\n"
    await hand.arrives(f"{raw}Subject: Printer\r\n\r\nIt prints two pages.\r\n".encode())
    await hand.reply("anna", await hand.last("anna", "notification"), "Install driver 4.2.", PROVEN)
    assert not await hand.letters("mallory")
    assert all("mallory" not in decoded(letter) for letter in await hand.letters("clara"))
    assert all("\nBcc:" not in decoded(letter) for letter in await hand.letters())


@pytest.mark.row("A24")
async def test_a_reply_to_of_somebody_else_gets_nothing(hand: Hand) -> None:
    await hand.write("clara", "It prints two pages.", fields={"Reply-To": PEOPLE["mallory"][1]})
    await hand.reply("anna", await hand.last("anna", "notification"), "Install driver 4.2.", PROVEN)
    assert not await hand.letters("mallory")
    assert await hand.letters("clara", "answer")


@pytest.mark.row("A25")
async def test_a_stranger_s_mail_about_a_ticket_tells_them_nothing_of_it(hand: Hand) -> None:
    await answered(hand)
    await hand.write("mallory", "Please confirm your sign-up.", subject="Re: [Acme #1] Printer stops")
    told = "".join(decoded(letter) for letter in await hand.letters("mallory"))
    assert "two pages" not in told
    assert "4.2" not in told
    assert "#1]" not in told


@pytest.mark.row("I20")
async def test_a_plus_address_is_another_person_s_until_an_agent_accepts_it(hand: Hand) -> None:
    await answered(hand)
    answer = await hand.last("clara", "answer")
    number = await hand.arrives(
        f"From: Clara <{PEOPLE['clara'][1].replace('@', '+phone@')}>\r\nTo: {answer.header('Reply-To')}\r\n"
        f"Subject: Re: Printer stops\r\nIn-Reply-To: {answer.header('Message-ID')}\r\n\r\nFrom my phone.\r\n".encode()
    )
    [last] = await tickets.said(1, 1)
    assert (last.kind, last.private, await tickets.view(2)) == ("stranger", True, None), await hand.reason(number)


@pytest.mark.row("A30")
async def test_no_secret_stands_in_the_log_or_the_history(tmp_path: Path) -> None:
    log = io.StringIO()
    handler = logging.StreamHandler(log)
    handler.setFormatter(eventlog.ConsoleFormatter())
    logger = logging.getLogger("mailproc")
    logger.addHandler(handler)
    level = logger.level
    logger.setLevel(logging.INFO)  # as the daemon's is
    try:
        async with by_hand(tmp_path, agents=STRICT, tokens={"key": "a key that nobody must ever read"}) as hand:
            await answered(hand)
            await hand.reply("anna", await hand.last("anna", "notification"), "And this.")  # asked whether it was her
            await hand.reply("anna", await hand.last("anna", "confirmation"), "yes")
            await hand.arrives(b"\xff\xfe not a mail")
            told = [f"{entry.actor} {entry.text} {entry.reason}" for entry in await history.of_ticket(1)]
            told += [line.reason for line in await inbound.listing("", 100)]
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
    written = log.getvalue() + "\n".join(told)
    assert "handler.done" in written
    assert "nobody must ever read" not in written
    assert PASSWORD not in written
    assert not TOKEN.search(written)


@pytest.mark.row("A30", "A21")
async def test_a_customer_s_letters_hold_tokens_of_their_own_only(hand: Hand) -> None:
    await answered(hand, "#resolve\nInstall driver 4.2.")
    keys, today = hand.app._handler._desk.keys, hand.clock.now().date()
    clara = await tickets.find_person(PEOPLE["clara"][1])
    assert clara is not None
    seen = [
        keys.find(found, today) for letter in await hand.letters("clara") for found in TOKEN.findall(decoded(letter))
    ]
    tokens = [token for token in seen if token is not None]
    assert tokens
    assert {token.person for token in tokens} == {clara.id}


@pytest.mark.row("A9")
async def test_a_robot_that_nothing_marks_at_an_agent_s_own_address_is_answered_once_an_hour(hand: Hand) -> None:
    await hand.write("anna", "list", subject="list", fields=PROVEN)
    for _ in range(4):
        await hand.reply("anna", await hand.last("anna", "digest"), "Thank you, I will read it soon.", PROVEN)
    assert len(await hand.letters("anna", "digest")) == 2
    hand.clock.advance(timedelta(hours=1))
    await hand.reply("anna", await hand.last("anna", "digest"), "Thank you, I will read it soon.", PROVEN)
    assert len(await hand.letters("anna", "digest")) == 3


@pytest.mark.row("A3", "A21")
@pytest.mark.parametrize(("name", "charset"), [("n.msg", "utf-16-le"), ("n.mht", "utf-8"), ("n.bin", "utf-16-be")])
async def test_an_agent_s_own_letter_in_a_file_goes_to_nobody(hand: Hand, name: str, charset: str) -> None:
    await hand.write("clara", "It prints two pages.")
    letter = await hand.last("anna", "notification")
    kept = f"To: {letter.header('Reply-To')}\r\n\r\n{text_of(letter)}".encode(charset)
    await hand.reply("anna", letter, "See the mail below.", PROVEN, attachments=((name, kept),))
    assert not await hand.letters("clara", "answer")
    assert "NOT SENT" in text_of(await hand.last("anna", "held"))


@pytest.mark.row("A10")
async def test_a_desk_whose_address_has_a_plus_knows_itself_and_its_tokens(tmp_path: Path) -> None:
    address = "acme+support@mail.example"
    servers = {"imap": {"host": "127.0.0.1"}, "smtp": {"host": "127.0.0.1"}}
    mailbox: dict[str, object] = {"support": {"address": address, "team": "support", **servers}}
    async with by_hand(tmp_path, agents=STRICT, mailbox=mailbox) as hand:
        await hand.write("clara", "It prints two pages.", address)
        letter = await hand.last("anna", "notification")
        to = letter.header("Reply-To")
        assert to.startswith("acme+support+")
        await hand.write("anna", "Install driver 4.2.", to, fields=PROVEN)
        assert "driver 4.2" in text_of(await hand.last("clara", "answer"))
        number = await hand.arrives(f"From: {address}\r\nTo: {address}\r\n\r\nRound and round.\r\n".encode())
        assert "own mail" in await hand.reason(number)


ANNA = PEOPLE["anna"][1]
CARD = "BEGIN:VCARD\r\nFN:{0}\r\nEMAIL:{0}\r\nEND:VCARD\r\n"


def key_of(name: str) -> str:
    """Armored as RFC 9580, 6.2, has it; of the packets only the name matters here."""
    packets = b64encode(b"\x98\x33\x04" + bytes(48) + b"\xb4" + name.encode()).decode()
    block = "-----{} PGP PUBLIC KEY BLOCK-----\r\n"
    return f"{block.format('BEGIN')}Comment: x\r\n\r\n{packets}\r\n=AAAA\r\n{block.format('END')}"


@pytest.mark.row("A21")
@pytest.mark.parametrize(
    ("kind", "content", "goes"),
    [
        ("text/vcard", CARD.format(ANNA.upper()), False),
        ("text/x-vcard", CARD.format(ANNA), False),
        ("text/vcard", CARD.format(f"{ANNA[:8]}\r\n {ANNA[8:]}"), False),
        ("application/pgp-keys", key_of(f"Anna <{ANNA}>"), False),
        ("application/pgp-keys", "no key at all\r\n\r\nabcde", False),
        ("application/pgp-keys", key_of("Packages <packages@acme.example>"), True),
        ("text/vcard", CARD.format("sales@acme.example"), True),
        ("text/plain", f"Write to {ANNA}.", True),
    ],
)
async def test_an_agent_s_own_card_or_key_stays_here(hand: Hand, kind: str, content: str, goes: bool) -> None:
    await hand.write("clara", "It prints two pages.")
    to = (await hand.last("anna", "notification")).header("Reply-To")
    head = f"From: {ANNA}\r\nTo: {to}\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nInstall it.\r\n"
    part = f"--b\r\nContent-Type: {kind}\r\nContent-Disposition: attachment; filename=f\r\n\r\n{content}\r\n--b--\r\n"
    proof = "".join(f"{name}: {value}\r\n" for name, value in PROVEN.items())
    await hand.arrives((proof + head + part).encode())
    files = [part for part in read(await hand.last("clara", "answer")).walk() if part.get_filename()]
    assert bool(files) is goes
    assert ("f does not go along" in text_of(await hand.last("anna", "receipt"))) is not goes


@pytest.mark.row("A3", "A21")
@pytest.mark.parametrize("name", ["n.eml", "n.txt", "n.msg", "n.mht"])
async def test_nor_does_it_behind_large_pictures(hand: Hand, name: str) -> None:
    await hand.write("clara", "It prints two pages.")
    letter = await hand.last("anna", "notification")
    kept = f"Subject: x\r\nTo: {letter.header('Reply-To')}\r\n\r\n{text_of(letter)}".encode()
    pictures = tuple((f"{number}.png", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 500) for number in range(3))
    await hand.reply("anna", letter, "See the mail below.", PROVEN, attachments=(*pictures, (name, kept)))
    assert not await hand.letters("clara", "answer")
    assert "NOT SENT" in text_of(await hand.last("anna", "held"))
