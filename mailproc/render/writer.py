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
from itertools import count
from types import TracebackType
from typing import Self

from mailproc import child, eventlog
from mailproc.render.draft import FRAME, Draft
from mailproc.render.letters import Letters

LARGEST = 256 * 1024  # bytes of files: more is encoded in less time than it is passed on
_TOGETHER = 4  # letters given to the process at once: to wake it takes us as long as to ask it
_PATIENCE = 3.0  # seconds for all that were begun: others wait for the database meanwhile, and give up after five
_START = 60.0  # seconds for the process to be ready
_IDLE = 60.0  # seconds without a letter: the process ends
_RESTS = 60.0  # seconds, after it ended by itself

_Begun = tuple[Draft, asyncio.Future[bytes] | None]


class Writer:
    """Use as ``async with Writer(words) as writer``: `begin` letters, go on, and take them when they are `finished`."""

    def __init__(self, words: Letters) -> None:
        self._words = words
        self._begun: dict[int, _Begun] = {}
        self._process: _Process | None = None
        self._processes: set[_Process] = set()  # this one, and those that are ending
        self._rests_until = 0.0  # by the loop's clock
        self._idle: asyncio.TimerHandle | None = None
        self.size = 0  # bytes of the drafts that were begun

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._idle is not None:
            self._idle.cancel()
        lives = [process.stop() for process in self._processes]
        await asyncio.gather(*lives, return_exceptions=True)

    def wake(self) -> None:
        """There will be many letters: start the process, where there is none and it may be tried."""
        loop = asyncio.get_running_loop()
        if self._process is not None and self._process.ended:
            self._process, self._rests_until = None, loop.time() + _RESTS
        if self._process is None and loop.time() >= self._rests_until:
            self._process = process = _Process(self._words)
            self._processes.add(process)
            process.life.add_done_callback(lambda _: self._processes.discard(process))
        if self._idle is not None:
            self._idle.cancel()
        self._idle = loop.call_later(_IDLE, self._rest)

    @property
    def takes_letters(self) -> bool:
        """Whether those that are begun now go to the process, which may be starting yet."""
        return self._process is not None and self._process.takes_letters

    @property
    def ready(self) -> bool:
        """Whether they are written at once."""
        return self._process is not None and self._process.ready

    def forget(self) -> None:
        """Letters that were begun and are not wanted."""
        self._begun.clear()
        self.size = 0

    def begin(self, drafts: Mapping[int, Draft]) -> None:
        """Write these, each for its number, while we do something else."""
        for number, draft in drafts.items():
            try:
                packed = draft.packed()
            except Exception:  # noqa: BLE001 - told when it is written here
                self._begun[number] = draft, None
                continue
            self.size += len(packed) + draft.enclosed
            self._begun[number] = draft, self._process.ask(packed) if self._process is not None else None

    async def finished(self) -> Mapping[int, bytes]:
        """All that were begun, by their numbers. Raises what writing a letter raises."""
        contents: dict[int, bytes] = {}
        await self._wait()
        for number, (draft, answer) in list(self._begun.items()):
            contents[number] = answer.result() if answer is not None and answer.done() else b""
            if not contents[number]:
                contents[number] = draft.written()
                await asyncio.sleep(0)  # a long letter takes its time: others get their turn between two of them
        self.forget()
        return contents

    async def _wait(self) -> None:
        """Until all letters have come that will come from the process."""
        if self._process is not None:
            self._process.send()
        answers = [answer for _, answer in self._begun.values() if answer is not None and not answer.done()]
        if answers and (await asyncio.wait(answers, timeout=_PATIENCE))[1]:
            self._give_up()

    def _give_up(self) -> None:
        """The process takes too long: it is ended, and not missed for a while; one that is still starting may go on."""
        eventlog.warning("writer.too_slow", seconds=_PATIENCE)
        if self._process is not None and not self._process.excused():
            self._process.give_up()
            self._process, self._rests_until = None, asyncio.get_running_loop().time() + _RESTS

    def _rest(self) -> None:
        if self._process is not None:
            self._process.dismiss()
            asyncio.get_running_loop().call_later(_PATIENCE, self._process.give_up)
            self._process = None


class _Process:
    """The process, from its start to its end. Letters it owes when it ends come back empty."""

    def __init__(self, words: Letters) -> None:
        self._words = words
        self._owed: deque[tuple[int, asyncio.Future[bytes]]] = deque()
        self._numbers = count(1)
        self._unsent: list[bytes] = []
        self._requests: asyncio.StreamWriter | None = None
        self.takes_letters = self.ready = self.ended = False
        self.life = asyncio.create_task(self._live(), name="writer of letters")

    def ask(self, packed: bytes) -> asyncio.Future[bytes]:
        answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        if not self.takes_letters or self._requests is None:
            answer.set_result(b"")
            return answer
        number = next(self._numbers)
        self._owed.append((number, answer))
        self._unsent += (FRAME.pack(number, len(packed)), packed)
        if len(self._unsent) >= 2 * _TOGETHER:
            self.send()
        return answer

    def send(self) -> None:
        """What it was asked and does not know yet."""
        if self._requests is not None and self._unsent:
            self._requests.writelines(self._unsent)
        self._unsent.clear()

    def dismiss(self) -> None:
        """Let it end when it has written what it was given."""
        if self._requests is not None and self.takes_letters:
            self.send()
            self._requests.close()
        else:
            self.give_up()

    def excused(self) -> bool:
        """Whether it is still starting: then what it owes is written elsewhere, and it gets no more until it is ready."""
        if not self.ready:
            self.takes_letters = False
            self._excuse()
        return not self.ready

    def give_up(self) -> None:
        """It owes nothing any more."""
        if not self.ended:
            self._settle()
            self.life.cancel()

    async def stop(self) -> None:
        self.give_up()
        await asyncio.gather(self.life, return_exceptions=True)

    async def _live(self) -> None:
        process = None
        try:
            async with asyncio.timeout(_START) as limit:
                process, self._requests, answers = await child.start("mailproc.render.worker")
                words = pickle.dumps(self._words, pickle.HIGHEST_PROTOCOL)
                self._requests.write(FRAME.pack(0, len(words)) + words)
                self.takes_letters = True
                await self._read(answers, limit)
        except (OSError, asyncio.IncompleteReadError, ValueError) as error:
            eventlog.warning("writer.ended", error=repr(error))
        finally:
            self._settle()
            if process is not None:
                await child.end(process)

    def _settle(self) -> None:
        self.takes_letters, self.ready, self.ended = False, False, True
        self._excuse()
        self._owed.clear()

    def _excuse(self) -> None:
        for _, answer in self._owed:
            if not answer.done():
                answer.set_result(b"")

    async def _read(self, answers: asyncio.StreamReader, limit: asyncio.Timeout) -> None:
        """One answer after the other, the first of which says that it is ready. Raises ValueError for another's."""
        while head := await answers.read(FRAME.size):
            head += await answers.readexactly(FRAME.size - len(head))
            number, size = FRAME.unpack(head)
            content = await answers.readexactly(size)
            owed, answer = self._owed.popleft() if self.ready and self._owed else (0, None)
            if number != owed or (number == 0 and self.ready):
                raise ValueError(f"an answer to {number}, and {owed} was asked")
            self.takes_letters = self.ready = True
            limit.reschedule(None)
            if answer is not None and not answer.done():
                answer.set_result(content)
