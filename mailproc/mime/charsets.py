"""Bytes to text whatever they claim to be: the charsets mail is really written in.

Senders say ISO-8859-1 and mean Windows-1252, say GB2312 and write GBK; the WHATWG Encoding Standard (4.2) lists
what readers have agreed to take such labels for, and this follows it. Nothing here raises for any bytes or label.
"""

from __future__ import annotations

import codecs
import re
from functools import lru_cache

# Python's codec name -> the wider ones to try, in this order.
_WIDER = {
    "ascii": ("utf-8", "cp1252", "latin-1"),
    "iso8859-1": ("cp1252", "latin-1"),
    "cp1252": ("cp1252", "latin-1"),
    "iso8859-9": ("cp1254", "iso8859-9"),
    "iso8859-11": ("cp874", "iso8859-11"),
    "tis-620": ("cp874", "tis-620"),
    "gb2312": ("gb18030",),
    "gbk": ("gb18030",),
    "shift_jis": ("cp932", "shift_jis_2004"),
    "cp932": ("cp932", "shift_jis_2004"),
    "euc_jp": ("euc_jp", "euc_jis_2004"),
    "euc_kr": ("cp949", "johab"),
    "big5": ("cp950", "big5hkscs"),
    "cp950": ("cp950", "big5hkscs"),
    "iso2022_jp": ("iso2022_jp", "iso2022_jp_2", "iso2022_jp_ext"),
    "utf-8": ("utf-8-sig",),
}
# Labels seen in mail that Python does not know.
_LABELS = {
    "unicode": "utf-8",
    "utf8mb4": "utf-8",
    "unicode-1-1-utf-8": "utf-8",
    "unicode-1-1-utf-7": "utf-7",
    "utf-8-mac": "utf-8",
    "ansi": "cp1252",
    "ansi_x3.110-1983": "latin-1",
    "default": "ascii",
    "8bit": "ascii",
    "7bit": "ascii",
    "iso-8859-8-i": "iso8859-8",
    "iso-8859-8-e": "iso8859-8",
    "x-sjis": "cp932",
    "x-mac-roman": "mac-roman",
    "x-windows-949": "cp949",
    "ks_c_5601": "cp949",
    "cp50220": "iso2022_jp",
    "cp50221": "iso2022_jp",
    "iso-2022-jp-ms": "iso2022_jp",
}
# Not charsets of mail: they compute (quadratically), interpret escapes, or fail on everything.
_REFUSED = frozenset({
    "idna", "punycode", "undefined", "unicode-escape", "unicode_escape", "raw-unicode-escape", "raw_unicode_escape",
    "charmap", "mbcs", "oem",
})  # fmt: skip
_LONGEST_LABEL = 100  # characters; names have at most 40 (RFC 2978, 2.3), some in quotes and blanks
_SHIFT_JIS_AREA = re.compile(rb"\x1b\$(?:\(?[@B])|\x1b\([BJ]|\x1b\(I")
_META_CHARSET = re.compile(rb"""<meta\s[^>]{0,200}?charset\s*=\s*["']?([A-Za-z0-9_.:-]{1,40})""", re.IGNORECASE)
_JIS_ESCAPE = re.compile(rb"\x1b(?:\$[@B]|\([JI])")
_MULTIBYTE_UTF8 = re.compile(rb"[\xc3-\xf4][\x80-\xbf]")


def codec_for(label: str) -> str | None:
    """Python's name of the codec a charset label means, or None when it means none fit for mail."""
    return _codec_for(label[:_LONGEST_LABEL])


@lru_cache(maxsize=256)
def _codec_for(label: str) -> str | None:
    label = re.sub(r"^[\s\"'=]+|[\s\"';,]+$", "", label.lower()).partition("*")[0]
    for candidate in (_LABELS.get(label, label), label.removeprefix("x-"), label.replace("_", "-")):
        if not candidate or len(candidate) > 40 or "\0" in candidate or not candidate.isascii():
            continue
        try:
            name = codecs.lookup(candidate).name
            if name not in _REFUSED:
                b"ab".decode(name, "replace")  # LookupError: bytes to bytes or text to text
                return name
        except (LookupError, UnicodeError, ValueError):
            continue
    return None


def _strictly(data: bytes, codecs_to_try: tuple[str, ...]) -> str | None:
    for name in codecs_to_try:
        try:
            return data.decode(name)
        except (UnicodeError, ValueError):
            continue
    return None


def decode_unlabelled(data: bytes, likely: str = "") -> str:
    """Bytes that don't say what they are: UTF-8 if they are that, JIS by its escapes, else what is `likely` if they
    can be that (a charset label), else Windows-1252.
    """
    if b"\x1b" in data and _JIS_ESCAPE.search(data):
        return _jis_by_shift_jis(data) if _strictly(data, ("iso2022_jp",)) is None else data.decode("iso2022_jp")
    guess = codec_for(likely) or "ascii"
    wider = () if guess.startswith("utf") else _WIDER.get(guess, (guess,))  # almost all bytes are some UTF-16
    return _strictly(data, ("utf-8-sig", *wider, "cp1252", "latin-1")) or ""


def decode(data: bytes, label: str) -> tuple[str, bool]:
    """The text of bytes labelled with a charset (empty: none given), and whether the label was true."""
    if not data:
        return "", True
    if not label.strip():
        return decode_unlabelled(data), True
    name = codec_for(label)
    if name is None:
        return decode_unlabelled(data), False
    if name == "ascii" and _JIS_ESCAPE.search(data):
        return decode_unlabelled(data), False
    if name == "utf-16":
        name = _utf16_order(data)
    text = _strictly(data, _WIDER.get(name, (name,)))
    if text is not None:
        return text, name != "ascii" or text.isascii()
    return _against_the_label(data, name), False


def decode_html(data: bytes, label: str) -> tuple[str, bool]:
    """As `decode`; HTML without a label may name its charset itself, or begin with a mark of UTF-16."""
    if not label and data[:2] in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE}:
        label = "utf-16"
    if not label and (meta := _META_CHARSET.search(data, 0, 4096)):
        label = meta[1].decode("ascii")
    return decode(data, label)


def _against_the_label(data: bytes, name: str) -> str:
    """The best that can be read when bytes are not what they say."""
    if name == "iso2022_jp":
        return _jis_by_shift_jis(data)
    if name != "utf-8":
        text = _strictly(data, ("utf-8-sig",))
        if text is not None:
            return text
    elif not _MULTIBYTE_UTF8.search(data):
        return decode_unlabelled(data)  # not one character of UTF-8 in it: an eight-bit charset
    return data.decode(_WIDER.get(name, (name,))[0], "replace")


def _utf16_order(data: bytes) -> str:
    """Byte order of UTF-16: by its mark, else by where the zero bytes are (RFC 2781, 4.3, says big end first)."""
    if data[:2] in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE}:
        return "utf-16"
    return "utf-16-le" if data[1:2000:2].count(0) > data[0:2000:2].count(0) else "utf-16-be"


def _jis_by_shift_jis(data: bytes) -> str:
    """ISO-2022-JP as Windows writes it, with NEC's and IBM's characters: moved to Shift_JIS and read as cp932."""
    out = bytearray()
    position, double, kana = 0, False, False
    for escape in [*_SHIFT_JIS_AREA.finditer(data), None]:
        piece = data[position : escape.start() if escape else len(data)]
        if double:
            out += _shifted(piece)
        else:
            out += bytes(byte | 0x80 if kana and 0x20 < byte < 0x60 else byte for byte in piece)
        if escape:
            position, double, kana = escape.end(), b"$" in escape[0], escape[0] == b"\x1b(I"
    return out.decode("cp932", "replace")


def _shifted(piece: bytes) -> bytes:
    """Pairs of JIS X 0208 bytes as Shift_JIS; line ends stay."""
    out = bytearray()
    index = 0
    while index < len(piece):
        row = piece[index]
        if not 0x20 < row < 0x7F or index + 1 >= len(piece):
            out.append(row)
            index += 1
            continue
        cell = piece[index + 1]
        lead = (row + 1) // 2 + (0x70 if row < 0x5F else 0xB0)
        trail = cell + (0x7E if row % 2 == 0 else 0x1F if cell < 0x60 else 0x20)
        out += bytes((lead & 0xFF, trail & 0xFF))
        index += 2
    return bytes(out)
