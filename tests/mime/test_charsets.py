"""Bytes to text whatever they claim to be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailproc.mime.charsets import codec_for, decode, decode_unlabelled


@pytest.mark.parametrize(
    ("data", "label", "text"),
    [
        (b"caf\xc3\xa9", "utf-8", "café"),
        (b"\xef\xbb\xbfcaf\xc3\xa9", "UTF-8", "café"),
        (b"it\x92s \x80 5", "iso-8859-1", "it’s € 5"),
        (b"\x93hi\x94", "us-ascii", "“hi”"),
        ("Grüße".encode(), "us-ascii", "Grüße"),
        ("朱镕基".encode("gb18030"), "gb2312", "朱镕基"),
        ("①髙".encode("cp932"), "shift_jis", "①髙"),
        ("こんにちは".encode("iso2022_jp"), "iso-2022-jp", "こんにちは"),
        (b"\x1b$B-!\x1b(B yes", "iso-2022-jp", "① yes"),
        ("こんにちは".encode("iso2022_jp"), "us-ascii", "こんにちは"),
        ("똠방각하".encode("cp949"), "euc-kr", "똠방각하"),
        ("碁銹".encode("cp950"), "big5", "碁銹"),
        ("Привет".encode("koi8-r"), "koi8-r", "Привет"),
        ("naïve".encode("utf-16"), "utf-16", "naïve"),
        ("naive".encode("utf-16-le"), "utf-16", "naive"),
        ("naive".encode("utf-16-be"), "utf-16", "naive"),
        (b"Hi Mom +Jjo-!", "utf-7", "Hi Mom ☺!"),
        ("Grüße".encode(), '"utf-8"', "Grüße"),
        ("Grüße".encode(), "x-nope", "Grüße"),
        ("Grüße".encode("cp1252"), "x-nope", "Grüße"),
        ("Grüße".encode("cp1252"), "utf-8", "Grüße"),
        ("Grüße".encode("cp1252"), "", "Grüße"),
        (b"Gr\xc3\xbc\xdfe", "utf-8", "Grü\ufffde"),
        (b"\\u0041", "unicode_escape", "\\u0041"),
    ],
)
def test_text_of_labelled_bytes(data: bytes, label: str, text: str) -> None:
    assert decode(data, label)[0] == text


@pytest.mark.parametrize(
    ("data", "likely", "text"),
    [
        ("邮件传输失败".encode("gb18030"), "gb2312", "邮件传输失败"),
        ("Привет".encode("koi8-r"), '"koi8-r"', "Привет"),
        ("Grüße".encode(), "gb2312", "Grüße"),
        ("Grüße".encode("cp1252"), "utf-16", "Grüße"),
        ("Grüße".encode("cp1252"), "utf-8", "Grüße"),
        ("Grüne".encode("cp1252"), "euc-jp", "Grüne"),
        ("Grüße".encode("cp1252"), "x-nope", "Grüße"),
    ],
)
def test_bytes_without_a_label_are_what_is_likely_if_they_can_be(data: bytes, likely: str, text: str) -> None:
    assert decode_unlabelled(data, likely) == text


def test_a_false_label_is_told() -> None:
    assert decode("Grüße".encode("cp1252"), "utf-8") == ("Grüße", False)
    assert decode("Grüße".encode(), "utf-8") == ("Grüße", True)


@pytest.mark.parametrize(
    "label", ["idna", "punycode", "undefined", "unicode_escape", "rot13", "base64", "x" * 500, "a\0b"]
)
def test_what_is_no_charset_of_mail_is_not_used(label: str) -> None:
    assert codec_for(label) is None


@given(st.binary(), st.one_of(st.text(), st.sampled_from(["utf-7", "iso-2022-jp", "utf-16", "hz", "gb2312", "big5"])))
def test_any_bytes_with_any_label_become_text(data: bytes, label: str) -> None:
    assert isinstance(decode(data, label)[0], str)
    assert isinstance(decode_unlabelled(data), str)


@given(st.text(alphabet="漢字かなカナabc\n", min_size=1))
def test_japanese_by_way_of_shift_jis_reads_as_the_codec_does(text: str) -> None:
    data = text.encode("iso2022_jp")
    broken = data + b"\x1b$B-!\x1b(B"  # one character only Windows has, and the strict codec gives up
    assert decode(broken, "iso-2022-jp")[0] == text + "①"
