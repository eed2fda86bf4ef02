"""Which values each letter is written from."""

from __future__ import annotations

from mailproc.core.digest import Digest
from mailproc.core.letters import (
    Acknowledgement,
    Answer,
    Closure,
    Confirmation,
    Held,
    Help,
    Letter,
    Missed,
    Notification,
    Oversize,
    Receipt,
    Reminder,
    Reopened,
    Resolution,
    Side,
    StatusUpdate,
    Survey,
)

LetterValues = (
    Acknowledgement
    | Oversize
    | Answer
    | StatusUpdate
    | Resolution
    | Reminder
    | Closure
    | Reopened
    | Survey
    | Notification
    | Receipt
    | Held
    | Confirmation
    | Help
    | Digest
    | Side
    | Missed
)

VALUES_OF: dict[Letter, type[LetterValues]] = {
    Letter.ACKNOWLEDGEMENT: Acknowledgement,
    Letter.OVERSIZE: Oversize,
    Letter.ANSWER: Answer,
    Letter.STATUS: StatusUpdate,
    Letter.RESOLUTION: Resolution,
    Letter.REMINDER: Reminder,
    Letter.CLOSURE: Closure,
    Letter.REOPENED: Reopened,
    Letter.SURVEY: Survey,
    Letter.NOTIFICATION: Notification,
    Letter.RECEIPT: Receipt,
    Letter.HELD: Held,
    Letter.CONFIRMATION: Confirmation,
    Letter.HELP: Help,
    Letter.DIGEST: Digest,
    Letter.SIDE: Side,
    Letter.MISSED: Missed,
}
