"""The reply cutter: what is new in a reply, and what is only quoted.

`scanner` tells how; read it first. `lines`, `introductions`, `headers`, `sent` and `signatures` each recognise one thing;
`vocabulary` is the words of the languages. Of an HTML mail the text is cut, in which `mime.html` has marked quotations.
"""

from __future__ import annotations

from mailproc.mime.quoting.headers import is_reply_marker
from mailproc.mime.quoting.reply import read_reply, split_reply
from mailproc.mime.quoting.sent import words_of_page

__all__ = ["is_reply_marker", "read_reply", "split_reply", "words_of_page"]
