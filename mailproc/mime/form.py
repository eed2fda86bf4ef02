"""What the form of an HTML document says beside its words: tables of data, struck, highlighted and coloured words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

Style = Mapping[str, str]  # properties that mean something, with values that can't do anything

_STYLE_LIMIT = 2_000  # characters of one attribute
_COLOUR = r"#[0-9a-f]{3,8}|[a-z]{3,24}|rgba?\([0-9\s.,%/]{1,40}\)"
_PROPERTIES: Mapping[str, re.Pattern[str]] = {
    "color": re.compile(_COLOUR),
    "background-color": re.compile(_COLOUR),
    "font-weight": re.compile("normal|bold|bolder|[1-9]00"),
    "font-style": re.compile("normal|italic|oblique"),
    "text-decoration": re.compile(r"(?:none|underline|line-through|overline|\s){1,8}"),
    "text-align": re.compile("left|right|center|justify|start|end"),
    "white-space": re.compile("pre|pre-wrap|pre-line"),
}
_SAME = {"background": "background-color", "text-decoration-line": "text-decoration"}
_FIRST = re.compile(f"({_COLOUR})(?=\\s|$)")
_NAMED = {
    "aqua": "00ffff", "blue": "0000ff", "crimson": "dc143c", "cyan": "00ffff", "darkorange": "ff8c00", "darkred": "8b0000",
    "fuchsia": "ff00ff", "gold": "ffd700", "green": "008000", "lightgreen": "90ee90", "lime": "00ff00", "magenta": "ff00ff",
    "orange": "ffa500", "orangered": "ff4500", "pink": "ffc0cb", "purple": "800080", "red": "ff0000", "yellow": "ffff00",
}  # fmt: skip
_INLINE = frozenset({"b", "em", "font", "i", "mark", "span", "strong", "u"})
_STRUCK = frozenset({"del", "s", "strike"})
_WORD = re.compile(r"[^\W_]+")
_LEAST_COLOURED = 5  # words: fewer are a name or a firm's in a signature
_LEAST_ROWS = _LEAST_CELLS = 2
# A telephone number begins with +, 0 or an area code in brackets or of three digits; dates, sums and orders don't.
_CONTACT = re.compile(
    r"[^\s@]@[^\s@]|www\.|https?:"
    r"|(?<![0-9.,/-])(?![0-9]{2}[./-][0-9]{2}[./-][0-9]{2})(?:\+[0-9]|\([0-9+]|0[0-9]|[0-9]{3}[ .-][0-9]{3}[ .-])[0-9 ()/.-]{4,}"
)
_CONTACT_LIMIT = 1_000  # characters of a table that are looked at


def read_style(tag: str, attributes: Mapping[str, str]) -> Style:
    """Of an element's style, and of its attributes from before there was style, what means something."""
    found: dict[str, str] = {}
    if tag == "font":
        found["color"] = attributes.get("color", "").strip().lower()
    elif tag in {"table", "tr", "td", "th"}:
        found["background-color"] = attributes.get("bgcolor", "").strip().lower()
    if tag == "center":
        found["text-align"] = "center"
    for declaration in attributes.get("style", "")[:_STYLE_LIMIT].lower().split(";"):
        name, _, value = declaration.partition(":")
        name, value = name.strip(), value.removesuffix("!important").strip()
        if name == "background":
            colour = _FIRST.match(value)
            value = colour[1] if colour else ""
        found[_SAME.get(name, name)] = value
    return {name: value for name, value in found.items() if (f := _PROPERTIES.get(name)) and f.fullmatch(value)}


@dataclass(slots=True)
class _Element:
    """What holds for words in an element, from it and those around."""

    struck: bool = False
    lit: bool = False
    coloured: bool = False
    linked: bool = False


@dataclass(slots=True)
class _Table:
    of_data: bool  # as far as is known
    rows: int = 0  # with words in two cells
    widest: int = 0  # cells with words in a row
    cells: int = 0  # with words, of the row at hand
    in_cell: bool = False
    words: bool = False  # in the cell at hand
    text: str = ""

    def end_cell(self) -> None:
        self.cells += self.in_cell and self.words
        self.in_cell = self.words = False

    def end_row(self) -> None:
        self.rows += self.cells >= _LEAST_CELLS
        self.widest, self.cells = max(self.widest, self.cells), 0

    @property
    def tells(self) -> bool:
        """Two rows with words in two cells; of two columns, and an address or number in it, it is a signature."""
        card = self.widest <= _LEAST_CELLS and _CONTACT.search(self.text) is not None
        return self.of_data and self.rows >= _LEAST_ROWS and not card


class Form:
    """Gathers what the form of a document says, element by element."""

    def __init__(self) -> None:
        self._open = [_Element()]
        self._tables: list[_Table] = []
        self._coloured = self._others = 0  # words
        self._tells = False

    @property
    def tells(self) -> bool:
        """Whether it says more than its words. Where all words have one colour, that says nothing."""
        return self._tells or (self._coloured >= _LEAST_COLOURED and self._others > 0)

    def start(self, tag: str, attributes: Mapping[str, str], style: Style) -> None:
        """An element begins."""
        around = self._open[-1]
        linked = around.linked or tag == "a"
        lit, coloured = around.lit, around.coloured
        if tag in _INLINE:
            if "background-color" in style:
                lit = _is_vivid(style["background-color"])
            lit = lit or tag == "mark"
        if "color" in style:
            coloured = _is_vivid(style["color"])
        struck = around.struck or tag in _STRUCK or "line-through" in style.get("text-decoration", "")
        self._open.append(_Element(struck, lit, coloured, linked))
        if tag == "table":
            for table in self._tables[-1:]:
                table.of_data = False  # it holds another: it is there for the layout
            self._tables.append(_Table(attributes.get("role", "").strip().lower() != "presentation"))
        elif tag in {"td", "th"} and self._tables:
            self._tables[-1].end_cell()
            self._tables[-1].in_cell = True

    def end(self, tag: str) -> None:
        """An element ends."""
        if len(self._open) > 1:
            self._open.pop()
        if not self._tables:
            return
        table = self._tables[-1]
        if tag in {"td", "th"}:
            table.end_cell()
        elif tag == "tr":
            table.end_row()
        elif tag == "table":
            self._tells = self._tells or self._tables.pop().tells

    def words(self, text: str) -> None:
        """Text within the element at hand."""
        count = sum(1 for _ in _WORD.finditer(text))
        if not count:
            return
        around = self._open[-1]
        self._tells = self._tells or around.struck or (around.lit and not around.linked)
        if around.coloured and not around.linked:
            self._coloured += count
        else:
            self._others += count
        if self._tables:
            table = self._tables[-1]
            table.words = table.words or table.in_cell
            if len(table.text) < _CONTACT_LIMIT:
                table.text += f" {text[:_CONTACT_LIMIT]}"


def _is_vivid(colour: str) -> bool:
    """Whether a colour stands out: not black, white or grey, and not the dark blue in which Outlook writes answers."""
    levels = _levels(colour)
    most, least = max(levels), min(levels)
    dark_blue = levels[2] == most and most < 0xB0
    return most >= 0x70 and most - least >= most * 0.35 and not dark_blue


def _levels(colour: str) -> tuple[int, int, int]:
    """Red, green and blue; of what is no colour, or a name that few write, black."""
    digits = _NAMED.get(colour, colour.removeprefix("#") if colour.startswith("#") else "")
    if len(digits) in {3, 4}:
        digits = "".join(digit * 2 for digit in digits[:3])
    if len(digits) in {6, 8}:
        return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:6], 16)
    levels = [min(255, int(level)) for level in re.findall(r"[0-9]+", colour)[:3]] if colour.startswith("rgb") else []
    return (levels[0], levels[1], levels[2]) if len(levels) == 3 else (0, 0, 0)
