"""Letters written in a process of their own while there are many, the daemon's side: `Writer`.

A second processor writes while the daemon goes on deciding. The process gets the very templates the daemon has checked,
and no secret but those that stand in the letters. What it can't write, or not in time, or not any more, is written here:
it makes letters quicker and is never needed.
"""

from __future__ import annotations

import asyncio
import pickle
from collections import deque
from collections.abc import Mapping
from types import TracebackType
from typing import Self

from mailproc import eventlog
from mailproc.mime import child
from mailproc.render.draft import SIZE, Draft
from mailproc.render.letters import Letters

_PATIENCE = 10.0  # seconds, for all that were begun
_IDLE = 60.0  # seconds without a letter: the process ends
_RESTS = 60.0  # seconds, after it ended by itself
_LARGEST = 256 * 1024  # bytes of files: longer ones are encoded in less time than they are passed on


class Writer:
    """Use as ``async with Writer(words) as writer``: `begin` letters, go on, and take them when they are `finished`."""

    def __init__(self, words: Letters) -> None:
        self._words = words
        self._begun: dict[int, tuple[Draft, asyncio.Future[bytes] | None]] = {}
        self._process: _Process | None = None
        self._lives: set[asyncio.Task[None]] = set()  # of this one, and of those that are ending
        self._rests_until = 0.0  # by the loop's clock
        self._idle: asyncio.TimerHandle | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._idle is not None:
            self._idle.cancel()
        for life in self._lives:
            life.cancel()
        await asyncio.gather(*self._lives, return_exceptions=True)

    def forget(self) -> None:
        """Letters that were begun and are not wanted."""
        self._begun.clear()

    def begin(self, drafts: Mapping[int, Draft]) -> None:
        """Write these, each for its number, while we do something else."""
        process = self._ready() if drafts else None
        for number, draft in drafts.items():
            small = draft.enclosed <= _LARGEST
            self._begun[number] = draft, process.write(draft) if process is not None and small else None

    async def finished(self) -> Mapping[int, bytes]:
        """All that were begun, by their numbers. Raises what writing a letter raises."""
        contents: dict[int, bytes] = {}
        try:
            async with asyncio.timeout(_PATIENCE):
                await asyncio.gather(*(answer for _, answer in self._begun.values() if answer is not None))
        except TimeoutError:
            self._give_up()
        for number, (draft, answer) in self._begun.items():
            there = answer.result() if answer is not None and answer.done() and not answer.cancelled() else b""
            contents[number] = there or draft.written()
            if not there:
                await asyncio.sleep(0)  # a long letter takes its time: others get their turn between two of them
        self._begun.clear()
        return contents

    def _ready(self) -> _Process | None:
        """The process, which is started where there is none; None while there shall be none."""
        loop = asyncio.get_running_loop()
        if self._process is not None and self._process.ended:
            self._process, self._rests_until = None, loop.time() + _RESTS
        if self._process is None and loop.time() >= self._rests_until:
            self._process = _Process(self._words)
            self._lives.add(self._process.life)
            self._process.life.add_done_callback(self._lives.discard)
        if self._idle is not None:
            self._idle.cancel()
        self._idle = loop.call_later(_IDLE, self._rest)
        return self._process

    def _give_up(self) -> None:
        """The process takes too long: it is ended, and not missed for a while."""
        eventlog.warning("writer.too_slow", seconds=_PATIENCE)
        if self._process is not None:
            self._process.life.cancel()
            self._process, self._rests_until = None, asyncio.get_running_loop().time() + _RESTS

    def _rest(self) -> None:
        if self._process is not None:
            self._process.dismiss()
            self._process = None


class _Process:
    """The process, from its start to its end. Letters it owes when it ends come back empty."""

    def __init__(self, words: Letters) -> None:
        self._owed: deque[asyncio.Future[bytes]] = deque()
        self._unsent = [_framed(pickle.dumps(words, pickle.HIGHEST_PROTOCOL))]
        self._requests: asyncio.StreamWriter | None = None
        self.ended = False
        self.life = asyncio.create_task(self._live(), name="writer of letters")

    def write(self, draft: Draft) -> asyncio.Future[bytes]:
        answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        if self.ended:
            answer.set_result(b"")
            return answer
        self._owed.append(answer)
        request = _framed(draft.packed())
        if self._requests is None:
            self._unsent.append(request)
        else:
            self._requests.write(request)
        return answer

    def dismiss(self) -> None:
        """Let it end when it has written what it was given."""
        if self._requests is not None:
            self._requests.close()
        else:
            self.life.cancel()

    async def _live(self) -> None:
        process = None
        try:
            process, self._requests, answers = await child.start("mailproc.render.worker")
            self._requests.writelines(self._unsent)
            await self._read(answers)
        except (OSError, asyncio.IncompleteReadError) as error:
            eventlog.warning("writer.ended", error=repr(error))
        finally:
            self.ended = True
            for answer in self._owed:
                if not answer.done():
                    answer.set_result(b"")
            if process is not None:
                await child.end(process)

    async def _read(self, answers: asyncio.StreamReader) -> None:
        while head := await answers.read(SIZE.size):
            head += await answers.readexactly(SIZE.size - len(head))
            content = await answers.readexactly(*SIZE.unpack(head))
            answer = self._owed.popleft()
            if not answer.done():
                answer.set_result(content)


def _framed(request: bytes) -> bytes:
    return SIZE.pack(len(request)) + request
