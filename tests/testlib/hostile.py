"""Texts built to keep a reader busy, by kind: each a function of the characters wanted."""

from __future__ import annotations

from collections.abc import Callable, Mapping

Generator = Callable[[int], str]


def _repeated(unit: str, head: str = "", tail: str = "") -> Generator:
    return lambda length: head + unit * (length // len(unit)) + tail


def _nested(opening: str, closing: str) -> Generator:
    return lambda length: opening * (length // 2 // len(opening)) + closing * (length // 2 // len(closing))


def _numbered(before: str, after: str) -> Generator:
    return lambda length: "".join(f"{before}{i}{after}" for i in range(length // (len(before) + len(after) + 4)))


HOSTILE: Mapping[str, Generator] = {
    # blanks and lines
    "spaces": _repeated(" ", "a", "a"),
    "tabs and spaces": _repeated("\t ", "a", "a"),
    "line ends": _repeated("\n", "a", "a"),
    "blanks at line ends": _repeated(" \n"),
    "carriage returns": _repeated("\r", "a"),
    "one word": _repeated("a"),
    "two-letter words": _repeated("ab "),
    # letters beyond ASCII
    "combining marks": _repeated("\u0316\u0301", "a"),
    "direction marks": _repeated("\u202e\u2066"),
    "joiners": _repeated("\u200d", "a", "a"),
    "wide letters": _repeated("写"),
    "surrogates": _repeated("\udcff"),
    "sharp s": _repeated("ß"),
    # header syntax
    "encoded words": _repeated("=?utf-8?q?a?= "),
    "open encoded words": _repeated("=?utf-8?q?"),
    "question marks": _repeated("=?"),
    "angles": _repeated("<"),
    "comments": _nested("(", ")"),
    "open quotes": _repeated('"\\'),
    "addresses": _repeated("a@b.example, "),
    "ats": _repeated("a@"),
    "dots": _repeated("a.", "a@"),
    "angle addresses": _repeated("<a@b"),
    "message ids": _repeated("<a@b> "),
    "groups": _repeated("a:;"),
    "parameters": _numbered("; name*", "=x"),
    "percent signs": _repeated("%C3", "utf-8''"),
    "equals signs": _repeated("= ", "a"),
    "prefixes": _repeated("Re: "),
    "tags": _repeated("[Acme #1] "),
    "tokens": _repeated("a2b3"),
    # prose, quotes, commands
    "quotes": _repeated("> "),
    "deep quotes": _repeated(">"),
    "introductions": _repeated("On Mon, 3 Mar 2025 at 10:15, Anna <a@b.example> wrote:\n"),
    "half introductions": _repeated("On "),
    "wrote": _repeated("wrote 1:\n"),
    "forwarded headers": _repeated("From: a@b.example\nTo: c\nSubject: d\n\n"),
    "forwarded marks": _repeated("---------- Forwarded message ---------\n"),
    "rules": _repeated("_-"),
    "signatures": _repeated("-- \na\n"),
    "commands": _repeated("#wait x\n"),
    "negations": _repeated("not no never "),
    "sentences": _repeated("It works now. "),
    "ratings": _repeated("5\n"),
    "links": _repeated("https://"),
    "web names": _repeated("www."),
    "refusals": _repeated("550 5.1.1 <a@b.example> unknown user\n"),
    # markup
    "tags of html": _repeated("<div>"),
    "nested html": _nested("<b><i>", "</i></b>"),
    "crossed html": _nested("<b><table><a>", "</b></a>"),
    "comments of html": _repeated("<!--"),
    "ampersands": _repeated("&"),
    "entities": _repeated("&#1"),
    "attributes": _repeated("a=b ", "<p "),
    "attributes of many names": lambda length: f"<p {_numbered('a', '=b ')(length)}>x",
    "open tables": _repeated("<td>x</table>"),
    "formats in blocks": _repeated("<b><p>x</b>"),
    "open quotes of html": _repeated("<a href='"),
    "block quotes": _repeated("<blockquote type=cite>"),
    "tables": _repeated("<table><tr><td>"),
    "lists": _repeated("<ul><li>"),
    "scripts": _repeated("<script>"),
    "styles": _repeated('<p style="border-top:solid #e1e1e1">'),
    "templates": _repeated("{{"),
}
