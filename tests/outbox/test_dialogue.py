"""Replies come in any pieces; each is read whole, in order, and no more of them than were asked for."""

from __future__ import annotations

import asyncio

import pytest

from mailproc.outbox.dialogue import Dialogue, Reply

SAID = b"250-2.1.0 first\r\n250 and second line\r\n250\r\n354 go on\r\n"
READ = [Reply(250, "2.1.0 first\nand second line"), Reply(250, ""), Reply(354, "go on")]


class Wire(asyncio.Transport):
    """A transport that goes nowhere."""

    def __init__(self) -> None:
        super().__init__()
        self.protocol: asyncio.BaseProtocol | None = None
        self.written: list[bytes] = []
        self.closing = self.aborted = False

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self.protocol = protocol

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written.append(bytes(data))

    def is_closing(self) -> bool:
        return self.closing

    def close(self) -> None:
        self.closing = True

    def abort(self) -> None:
        self.closing = self.aborted = True


@pytest.fixture
def wire() -> Wire:
    return Wire()


def asked(wire: Wire, replies: int = 3) -> Dialogue:
    dialogue = Dialogue(wire)
    dialogue.write(b"anything", replies=replies)
    return dialogue


@pytest.mark.parametrize("length", [1, 2, 3, len(SAID)])
async def test_replies_come_in_pieces_of_any_length(wire: Wire, length: int) -> None:
    dialogue = asked(wire)
    for start in range(0, len(SAID), length):
        dialogue.data_received(SAID[start : start + length])

    assert [await dialogue.reply(1) for _ in READ] == READ


async def test_a_packet_ends_anywhere(wire: Wire) -> None:
    for end in range(len(SAID)):
        dialogue = asked(wire)
        dialogue.data_received(SAID[:end])
        dialogue.data_received(SAID[end:])

        assert [await dialogue.reply(1) for _ in READ] == READ


async def test_each_is_heard_as_soon_as_it_has_come(wire: Wire) -> None:
    dialogue = asked(wire)
    hearing = asyncio.create_task(dialogue.reply(5))
    await asyncio.sleep(0)
    dialogue.data_received(b"250 OK\r\n25")

    assert await hearing == Reply(250, "OK")


async def test_words_nobody_asked_for_answer_nothing(wire: Wire) -> None:
    dialogue = Dialogue(wire)
    dialogue.data_received(b"250 before\r\n250 be")
    dialogue.write(b"NOOP\r\n", replies=1)
    dialogue.data_received(b"550 no\r\n250 after\r\n25")
    dialogue.data_received(b"0 long after\r\n")
    dialogue.write(b"NOOP\r\n", replies=1)
    dialogue.data_received(b"451 later\r\n")

    assert [await dialogue.reply(1), await dialogue.reply(1)] == [Reply(550, "no"), Reply(451, "later")]


@pytest.mark.parametrize(
    "said", [b"hello\r\n", b"\r\n", b"25 x\r\n", b"250OK\r\n", b"2500 x\r\n", b"\xff\xfe\r\n", b"-1 x\r\n"]
)
async def test_rubbish_is_no_reply_and_ends_it(wire: Wire, said: bytes) -> None:
    dialogue = asked(wire)
    dialogue.data_received(b"250 OK\r\n" + said + b"250 OK\r\n")

    assert await dialogue.reply(1) == Reply(250, "OK")
    for _ in range(2):
        with pytest.raises(ValueError, match="Malformed"):
            await dialogue.reply(1)


@pytest.mark.parametrize("piece", [b"250-" + b"y" * 8200 + b"\r\n", b"y" * 8200, b"250-more\r\n" * 400])
@pytest.mark.row("N18")
async def test_nobody_listens_for_ever(wire: Wire, piece: bytes) -> None:
    dialogue = asked(wire, replies=1)
    for _ in range(10):
        dialogue.data_received(piece)
    dialogue.data_received(b"250 OK\r\n")

    with pytest.raises(ValueError, match="too long"):
        await dialogue.reply(1)


async def test_lines_and_replies_of_a_good_length_are_read(wire: Wire) -> None:
    long = b"250-" + b"y" * 8000 + b"\r\n"
    dialogue = asked(wire, replies=5)
    dialogue.data_received((3 * long + b"250 end\r\n") * 5)

    assert [(await dialogue.reply(1)).code for _ in range(5)] == [250] * 5


async def test_what_was_said_before_the_end_is_heard(wire: Wire) -> None:
    dialogue = asked(wire)
    dialogue.data_received(b"250 OK\r\n421 closing\r\n")
    dialogue.eof_received()
    dialogue.connection_lost(None)

    assert [await dialogue.reply(1), await dialogue.reply(1)] == [Reply(250, "OK"), Reply(421, "closing")]
    with pytest.raises(ConnectionResetError):
        await dialogue.reply(1)


async def test_the_end_comes_to_who_waits(wire: Wire) -> None:
    dialogue = asked(wire)
    dialogue.pause_writing()
    both = asyncio.gather(dialogue.reply(5), dialogue.drain(5), return_exceptions=True)
    await asyncio.sleep(0)
    dialogue.connection_lost(OSError("gone"))

    heard, drained = await both
    assert isinstance(heard, ConnectionResetError)
    assert drained is None


async def test_silence_ends_in_time(wire: Wire) -> None:
    with pytest.raises(TimeoutError):
        await asked(wire).reply(0.01)


async def test_nothing_is_written_to_a_connection_that_ends(wire: Wire) -> None:
    dialogue = Dialogue(wire)
    wire.close()
    with pytest.raises(ConnectionResetError):
        dialogue.write(b"MAIL FROM:<>\r\n", replies=1)
    dialogue.leave()

    assert wire.written == []


@pytest.mark.parametrize(
    ("said", "listens"),
    [(b"250 OK\r\n550 no\r\n554 no recipients\r\n", True), (b"250 OK\r\n550 no\r\n354 go on\r\n", False),
     (b"250 OK\r\n550 no\r\n", False)],
)  # fmt: skip
async def test_a_server_that_wants_content_listens_to_no_command(wire: Wire, said: bytes, *, listens: bool) -> None:
    dialogue = asked(wire)
    dialogue.data_received(said)
    await dialogue.reply(1)
    await dialogue.reply(1)

    assert dialogue.in_step is listens
