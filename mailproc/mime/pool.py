"""Parsing in processes that may die, the daemon's side: `ParserPool`. The other side is `mailproc.mime.worker`.

A worker has limits of memory, processor and wall-clock time, writes no file and starts no process; it gets no
environment and so no secret. What kills it costs the mail it was reading one attempt and nothing else. It answers one
mail after the other, in the order it was asked, so there is never a doubt which. Requests and answers are frames on its
standard input and output; answers are JSON and bytes (`mailproc.mime.wire`), never pickles.

Nothing that reads mail is loaded here: hostile bytes are the workers' business.
"""

from __future__ import annotations

import asyncio
import signal
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass, field
from itertools import count
from types import TracebackType
from typing import Self

from mailproc import child
from mailproc.core.forward import Forwarded
from mailproc.core.message import Message
from mailproc.core.reply import Reply
from mailproc.mime.prescan import Limits, RefusalReason, prescan
from mailproc.mime.wire import (
    ANSWER,
    FAILED,
    FORWARD,
    MESSAGE,
    REPLY,
    REQUEST,
    WORDS,
    FailureReason,
    WireError,
    decode_forward,
    decode_message,
    decode_reply,
    decode_words,
    encode_texts,
)

_AHEAD = 8  # requests that a worker finds waiting when it has answered one: it has not to wait for us
_FEW = 3  # of them left, and it gets more: to wake it for each takes us longer
_SMALL = 1 << 16  # bytes of such a request
_LARGEST_DOCUMENT = 400_000_000  # an answer larger than this is no mail's: a worker gone mad
_REASONS: dict[str, RefusalReason | FailureReason] = {
    reason.value: reason for reason in (*RefusalReason, *FailureReason)
}


@dataclass(frozen=True, slots=True)
class WorkerLimits:
    """What one worker may use: bytes of address space, seconds for one mail, mails before it is replaced."""

    scan: Limits = field(default_factory=Limits)
    memory: int = 600_000_000  # a mail of 40 MB takes half of it
    cpu_seconds: int = 10
    wall_seconds: float = 30.0
    start_seconds: float = 30.0
    mails: int = 2_000


class ParseFailed(Exception):
    """A mail can't be read; the reason is named. Others are not concerned.

    A `RefusalReason` will be the same at every attempt; a `FailureReason` may have been the machine's.
    """

    def __init__(self, reason: RefusalReason | FailureReason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


class ParserUnavailable(Exception):
    """No worker can be started at the moment: temporary, and no mail's fault."""


_Answer = Message | tuple[Message, Reply | None] | Reply | Forwarded | None
_Job = tuple[bytes, bytes, asyncio.Future[_Answer]]
_DECODE: dict[bytes, Callable[[bytes, memoryview], _Answer]] = {
    MESSAGE: decode_message,
    WORDS: decode_words,
    REPLY: decode_reply,
    FORWARD: lambda document, _: decode_forward(document),
}


class ParserPool:
    """Some workers and a queue before them. Use as ``async with ParserPool(2) as pool: await pool.parse(raw)``."""

    def __init__(self, workers: int = 2, limits: WorkerLimits | None = None) -> None:
        self._count = workers
        self._limits = limits or WorkerLimits()
        self._jobs: asyncio.Queue[_Job] = asyncio.Queue()
        self._waiting: set[asyncio.Future[_Answer]] = set()
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        self._tasks = [
            asyncio.create_task(self._serve(), name=f"parser worker {number}") for number in range(1, self._count + 1)
        ]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []
        for future in self._waiting:
            if not future.done():
                future.set_exception(ParserUnavailable("The workers are shut down."))

    async def parse(self, raw: bytes) -> Message:
        """The mail as a value. Raises ParseFailed for this mail, ParserUnavailable when there is no worker.

        May be cancelled at any time: the worker finishes that mail, its answer is dropped.
        """
        self._refuse(raw)
        answer = await self._asked(MESSAGE, raw)
        assert isinstance(answer, Message)
        return answer

    async def read(self, raw: bytes) -> tuple[Message, Reply | None]:
        """As `parse`, and with it what is new in the mail. None where it answers another: then `split` it by that."""
        self._refuse(raw)
        answer = await self._asked(WORDS, raw)
        assert isinstance(answer, tuple)
        return answer

    async def split(self, body: str, sent: Sequence[str], pages: Sequence[str] = ()) -> Reply:
        """What is new in a mail's words, by `quoting.read_reply`: it would hold up the loop. Raises as `parse`."""
        answer = await self._asked(REPLY, encode_texts(body, sent, pages))
        assert isinstance(answer, Reply)
        return answer

    async def forwarded(self, text: str, subject: str) -> Forwarded | None:
        """The mail forwarded in a mail's words, by `forwards.read_forward`. Raises as `parse`."""
        answer = await self._asked(FORWARD, encode_texts(text, [subject]))
        assert answer is None or isinstance(answer, Forwarded)
        return answer

    def _refuse(self, raw: bytes) -> None:
        """What is too large is not even copied to a worker."""
        if len(raw) > self._limits.scan.message_bytes:
            refusal = prescan(raw, self._limits.scan)
            if refusal is not None:
                raise ParseFailed(refusal.reason, refusal.detail)

    async def _asked(self, what: bytes, request: bytes) -> _Answer:
        if not self._tasks:
            raise ParserUnavailable("The workers are shut down.")
        future: asyncio.Future[_Answer] = asyncio.get_running_loop().create_future()
        self._waiting.add(future)
        try:
            self._jobs.put_nowait((what, request, future))
            return await future
        finally:
            self._waiting.discard(future)

    async def warmed(self) -> bool:
        """Whether a worker stands ready; waits for one that is starting."""
        try:
            await self.parse(b"")
        except ParserUnavailable:
            return False
        return True

    async def _serve(self) -> None:
        """One place for a worker: it is started, given mails, and replaced when it died or is worn."""
        worker: _Worker | None = None
        ahead = deque[_Job]()
        try:
            while True:
                worker, _ = await self._fit(worker)
                job = ahead.popleft() if ahead else await self._jobs.get()
                for last in (False, True):
                    worker, problem = await self._fit(worker)  # one that died while it waited is no mail's fault
                    while len(self._tasks) == 1 and len(ahead) < _AHEAD and not self._jobs.empty():
                        ahead.append(self._jobs.get_nowait())  # of several workers another may be free sooner
                    if await self._answered(worker, problem, (job, *ahead), last):
                        break
        finally:
            if worker is not None:
                await worker.stop()

    async def _fit(self, worker: _Worker | None) -> tuple[_Worker | None, str]:
        """The worker if it can go on, else a new one; or none, and why."""
        if worker is not None and not worker.worn:
            return worker, ""
        if worker is not None:
            await worker.stop()
        try:
            return await _Worker.start(self._limits), ""
        except ParserUnavailable as unavailable:
            return None, str(unavailable)

    @staticmethod
    async def _answered(worker: _Worker | None, problem: str, jobs: Sequence[_Job], last: bool) -> bool:
        """The first of these. False where another worker is to be asked: one that was killed accuses no mail, once."""
        future = jobs[0][-1]
        try:
            if worker is None:
                raise ParserUnavailable(problem)
            if future.done() and not worker.owes:  # nobody waits any more
                return True
            answer = await worker.ask(jobs)
        except (ParseFailed, ParserUnavailable) as failure:
            if worker is not None and worker.killed and not last:
                return False
            if not future.done():
                future.set_exception(failure)
        else:
            if not future.done():
                future.set_result(answer)
        return True


class _Worker:
    """One worker process, seen from the daemon."""

    def __init__(
        self, process: asyncio.subprocess.Process, requests: asyncio.StreamWriter, answers: asyncio.StreamReader,
        limits: WorkerLimits,
    ) -> None:  # fmt: skip
        self._process, self._requests, self._answers = process, requests, answers
        self._limits = limits
        self._numbers = count(1)
        self._asked = deque[int]()  # requests that are not answered yet
        self._mails = 0
        self._dead = False
        self.killed = False  # by somebody else, as the system does when memory runs out: maybe while it waited

    @classmethod
    async def start(cls, limits: WorkerLimits) -> _Worker:
        """A worker that has said it is ready. Raises ParserUnavailable."""
        arguments = [str(number) for number in (limits.memory, limits.cpu_seconds, *astuple(limits.scan))]
        try:
            process, requests, answers = await child.start("mailproc.mime.worker", *arguments)
        except OSError as error:
            raise ParserUnavailable(f"A worker can't be started: {error}") from error
        worker = cls(process, requests, answers, limits)
        try:
            async with asyncio.timeout(limits.start_seconds):
                await worker._answers.readexactly(ANSWER.size)
        except (TimeoutError, OSError, asyncio.IncompleteReadError) as error:
            await worker.stop()
            raise ParserUnavailable(f"A worker did not start (it ended with {process.returncode}).") from error
        except asyncio.CancelledError:
            await worker.stop()
            raise
        return worker

    @property
    def worn(self) -> bool:
        """Whether the next mail should get another one: this one is dead or has read enough."""
        return self._dead or self._process.returncode is not None or (self._full and not self._asked)

    @property
    def _full(self) -> bool:
        return self._mails >= self._limits.mails

    @property
    def owes(self) -> bool:
        """Whether it was asked already what it is to be asked next."""
        return bool(self._asked)

    async def ask(self, jobs: Sequence[_Job]) -> _Answer:
        """The answer to the first; the others are asked meanwhile, and answered when they are the first."""
        try:
            async with asyncio.timeout(self._limits.wall_seconds):
                self._send(jobs)  # nobody waits until it is written: the worker may be writing a long answer itself
                return await self._read_answer(jobs[0][0])
        except TimeoutError:
            self._dead = True
            raise ParseFailed(
                FailureReason.TIMED_OUT,
                f"Reading took longer than {self._limits.wall_seconds:g} seconds (limits.parser_seconds).",
            ) from None
        except (OSError, asyncio.IncompleteReadError, WireError) as error:
            self._dead = True
            await self.stop()
            self.killed = self._process.returncode == -signal.SIGKILL and not isinstance(error, WireError)
            raise self._cause_of_death(error) from None

    def _send(self, jobs: Sequence[_Job]) -> None:
        """What was not sent yet: the first, and after it what is small and finds room."""
        if len(self._asked) > _FEW:
            return
        for what, request, _ in jobs[len(self._asked) :]:
            if self._asked and (len(request) > _SMALL or self._full):
                break
            self._mails += what in {MESSAGE, WORDS}
            self._asked.append(next(self._numbers))
            self._requests.writelines((REQUEST.pack(self._asked[-1], what, len(request)), request))

    async def _read_answer(self, what: bytes) -> _Answer:
        number, kind, document_size, rest_size = ANSWER.unpack(await self._answers.readexactly(ANSWER.size))
        if number != self._asked[0]:
            raise WireError("an answer to another request")
        if document_size + rest_size > _LARGEST_DOCUMENT:
            raise WireError("too large an answer")
        document = await self._answers.readexactly(document_size)
        rest = await self._answers.readexactly(rest_size)
        self._asked.popleft()
        if kind == what:
            return _DECODE[kind](document, memoryview(rest))
        reason = _REASONS.get(rest.decode("ascii", "replace"), FailureReason.CRASHED)
        if kind == FAILED:
            self._dead = True  # it may hold on to the memory it ran out of
        # NUL is no text to a database, which would be waited for in vain.
        raise ParseFailed(reason, document.decode("utf-8", "replace").replace("\0", "\ufffd")[:1000])

    def _cause_of_death(self, error: Exception) -> ParseFailed:
        code = self._process.returncode
        if code == -signal.SIGXCPU:
            return ParseFailed(
                FailureReason.OUT_OF_PROCESSOR_TIME,
                f"Reading took more than {self._limits.cpu_seconds} seconds of processor time (limits.parser_seconds).",
            )
        ending = signal.Signals(-code).name if code is not None and code < 0 else f"exit status {code}"
        return ParseFailed(FailureReason.CRASHED, f"The worker ended with {ending} ({type(error).__name__}).")

    async def stop(self) -> None:
        """End the process, whatever it is doing, and wait for it. Safe to call twice."""
        await child.end(self._process)
