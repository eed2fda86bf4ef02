"""Mails that are wrong in every known way, by the rows of the fault matrix, and what becomes of each."""

from __future__ import annotations

import io
import re
import zipfile
from base64 import b64encode
from dataclasses import dataclass

SUPPORT = b"To: support@acme.example\r\n"
CLARA = b"From: Clara Jones <clara@customer.example>\r\n"
TEXT = b"It prints two pages."


@dataclass(frozen=True, slots=True)
class Bad:
    """A mail, and what is expected: of a ticket its subject, words and file names, else the setting a refusal names."""

    name: str
    raw: bytes
    subject: str = "Printer"
    words: str = "It prints two pages."  # among the ticket's; a name in the notification too
    files: tuple[str, ...] = ()
    refused: str = ""  # the setting of the cap it is over
    customer: str = ""  # address; empty: not looked at
    thanked: bool | None = None  # whether an acknowledgement goes out; None: not looked at


def mail(*fields: bytes, body: bytes = TEXT, sender: bytes = CLARA, subject: bytes = b"Subject: Printer\r\n") -> bytes:
    return sender + SUPPORT + subject + b"".join(field + b"\r\n" for field in fields) + b"\r\n" + body + b"\r\n"


def parts(*each: bytes, kind: bytes = b"mixed", more: bytes = b"") -> bytes:
    body = b"".join(b"--mark\r\n" + part + b"\r\n" for part in each) + b"--mark--\r\n"
    return mail(b"Content-Type: multipart/" + kind + b"; boundary=mark" + more, body=body)


PLAIN = b"Content-Type: text/plain\r\n\r\n" + TEXT


def file(name: bytes, kind: bytes = b"application/octet-stream", content: bytes = b"x") -> bytes:
    return b"Content-Type: " + kind + b"\r\nContent-Disposition: attachment; " + name + b"\r\n\r\n" + content


def nested(depth: int) -> bytes:
    body = PLAIN
    for level in range(depth):
        mark = b"m%d" % level
        body = b"Content-Type: multipart/mixed; boundary=%b\r\n\r\n--%b\r\n%b\r\n--%b--\r\n" % (mark, mark, body, mark)
    return CLARA + SUPPORT + b"Subject: Printer\r\n" + body


def enclosed(depth: int) -> bytes:
    return mail(b"Content-Type: message/rfc822", body=b"Content-Type: message/rfc822\r\n\r\n" * depth + PLAIN)


def bomb() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", bytes(20_000_000))
    return packed.getvalue()


def sender(*lines: bytes) -> bytes:
    return mail(sender=b"".join(line + b"\r\n" for line in lines))


BAD: dict[str, list[Bad]] = {
    "I1": [
        Bad("no From", sender(), customer="unknown@sender.invalid", thanked=False),
        Bad("empty From", sender(b"From: "), customer="unknown@sender.invalid", thanked=False),
        Bad("null From", sender(b"From: <>"), customer="unknown@sender.invalid", thanked=False),
        Bad("empty group", sender(b"From: nobody:;"), customer="unknown@sender.invalid", thanked=False),
        Bad("only Sender", sender(b"Sender: clara@customer.example"), customer="unknown@sender.invalid", thanked=False),
    ],
    "I2": [
        Bad("two Froms", sender(b"From: a@b.example", b"From: c@d.example"), thanked=False),
        Bad("two mailboxes", sender(b"From: a@b.example, c@d.example"), thanked=False),
        Bad("behind a parenthesis", sender(b"From: anna@acme.example)<evil@x.example>"), thanked=False),
        Bad("a name that is an address", sender(b"From: anna@acme.example <evil@x.example>"), thanked=False),
        Bad("two angles", sender(b"From: <anna@acme.example> <evil@x.example>"), thanked=False),
        Bad("NUL in it", sender(b"From: an\0na@acme.example"), thanked=False),
    ],
    "I3": [
        Bad("none", mail()),
        Bad("doubled", mail(b"Message-ID: <1@x.example>", b"Message-ID: <2@x.example>")),
        Bad("empty", mail(b"Message-ID:")),
        Bad("null", mail(b"Message-ID: <>")),
        Bad("a literal", mail(b"Message-ID: <[x@y]>")),
        Bad("long", mail(b"Message-ID: <" + b"a" * 600 + b"@x.example>")),
        Bad("beyond ASCII", mail("Message-ID: <ä@x.example>".encode())),
    ],
    "I6": [
        Bad(label, mail(b"Content-Type: text/plain; charset=" + label.encode(), body=TEXT + b" \xe4\xff\x80"), words="")
        for label in ("x-none", "utf-8", "us-ascii", "utf-7", "utf-16", "idna", "unicode_escape", "rot13", "gb18030")
    ]
    + [
        Bad("a charset with a language", mail(b"Content-Type: text/plain; charset*=utf-8'en'utf-8", body=TEXT + b" \xe4")),
        Bad("a charset with NUL", mail(b'Content-Type: text/plain; charset="a\0"', body=TEXT + b" \xe4")),
        Bad("iso-2022-jp", mail(b"Content-Type: text/plain; charset=iso-2022-jp", body=b"\x1b$B\x1b(B\xff" + TEXT)),
        Bad("eight-bit subject", mail(subject=b"Subject: Dr\xfccker\r\n"), subject="Drücker"),
        Bad("a surrogate", mail(b"Content-Type: text/plain; charset=utf-8", body=TEXT + b" \xed\xa0\x80")),
    ],
    "I7": [
        Bad("NUL and controls", mail(subject=b"Subject: Prin\0ter\x1b[2J\x07\r\n", body=b"\0\x1b]0;x\x07" + TEXT), subject="Prin ter [2J"),
        Bad("direction marks", mail(subject="Subject: Printer\u202egpj.exe\r\n".encode(), body=TEXT + "\u202e".encode()), subject="Printer gpj.exe"),
        Bad("invisible", mail(subject="Subject: Prin\u200bter\r\n".encode(), body="\ufeff".encode() + TEXT)),
        Bad("in the name", sender('From: "Cla\u202era\u200b" <clara@customer.example>'.encode())),
        Bad("in a file name", parts(PLAIN, file(b"filename*=utf-8''a%E2%80%AEgpj%00.txt")), files=("a gpj .txt",)),
    ],
    "I8": [
        Bad("broken base64", mail(b"Content-Transfer-Encoding: base64", body=b64encode(TEXT * 20)[:-3] + b"!")),
        Bad("broken quoted-printable", mail(b"Content-Transfer-Encoding: quoted-printable", body=TEXT + b"=ZZ=")),
        Bad("cut short", mail(b"Content-Type: multipart/mixed; boundary=mark", body=b"--mark\r\n" + PLAIN)),
        Bad("no boundary", mail(b"Content-Type: multipart/mixed", body=b"--mark\r\n" + PLAIN + b"\r\n--mark--")),
        Bad("empty boundary", mail(b'Content-Type: multipart/mixed; boundary=""', body=TEXT)),
        Bad("long boundary", mail(b"Content-Type: multipart/mixed; boundary=" + b"b" * 90, body=b"--" + b"b" * 90 + b"\r\n" + PLAIN)),
        Bad("LF only", mail().replace(b"\r\n", b"\n")),
        Bad("CR only", mail().replace(b"\r\n", b"\r")),
        Bad("mixed", CLARA + SUPPORT.replace(b"\r", b"") + b"Subject: Printer\r\n\n" + TEXT),
        Bad("one long line", mail(body=TEXT + b" x" * 500_000)),
    ],
    "I9": [
        Bad("50", nested(50), refused="limits.depth"),
        Bad("300", nested(300), refused="limits.depth"),
        Bad("5000", nested(5_000), refused="limits."),
        Bad("50 mails", enclosed(50), refused="limits.depth"),
        Bad("1000 mails", enclosed(1_000), refused="limits.parts"),
        Bad("5", nested(5)),
    ],
    "I10": [
        Bad("200,000 parts", mail(b"Content-Type: multipart/mixed; boundary=m", body=b"--m\r\n\r\n" * 200_000), refused="limits.parts"),
        Bad("100,000 fields", mail(*[b"X-A: b"] * 100_000), refused="limits.header_fields"),
        Bad("fields with a blank", mail(*[b"X-A : b"] * 100_000), refused="limits.header_fields"),
        Bad("2 MB of header", mail(*[b"X-A: " + b"b" * 30_000] * 70), refused="limits.header_bytes"),
        Bad("20,000 recipients", mail(b"Cc: " + b"a@b.example, " * 20_000), refused="limits.field_bytes"),
        Bad("4,000 recipients", mail(b"Cc: " + b",".join(b"a%d@b.example" % i for i in range(4_000)))),
        Bad("50,000 references", mail(b"References: " + b"<a@b> " * 50_000), refused="limits.field_bytes"),
        Bad("10,000 references", mail(b"References: " + b"<c@d> " * 10_000, subject=b"Subject: Printer paper\r\n")),
        Bad("20,000 encoded words", mail(subject=b"Subject: " + b"=?utf-8?q?a?= " * 20_000 + b"\r\n"), refused="limits.field_bytes"),
        Bad("4,500 encoded words", mail(subject=b"Subject: " + b"=?utf-8?q?a?= " * 4_500 + b"\r\n"), subject="aaaa"),
        Bad("a million lines", mail(body=b"\r\n" * 1_000_001), refused="limits.lines"),
    ],
    "I12": [Bad("bomb", parts(PLAIN, file(b"filename=a.zip", b"application/zip", bomb())), files=("a.zip",))],
    "I13": [Bad("winmail.dat", parts(PLAIN, file(b"filename=winmail.dat", b"application/ms-tnef", b"\x78\x9f\x3e\x22")), files=("winmail.dat",))],
    "I14": [
        Bad("calendar", mail(b"Content-Type: text/calendar; method=REQUEST", body=b"BEGIN:VCALENDAR\r\nEND:VCALENDAR"), words="", files=("invite.ics",)),
        Bad("opaque S/MIME", mail(b"Content-Type: application/pkcs7-mime; name=smime.p7m", b"Content-Transfer-Encoding: base64", body=b"MIIB"), words="", files=("smime.p7m",)),
        Bad("PGP/MIME", parts(b"Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1", file(b"filename=encrypted.asc", content=b"-----BEGIN PGP MESSAGE-----"), kind=b"encrypted", more=b"; protocol=application/pgp-encrypted"), words="", files=("encrypted.asc",)),
        Bad("signed", parts(PLAIN, b"Content-Type: application/pkcs7-signature; name=smime.p7s\r\n\r\nMIIB", kind=b"signed")),
    ],
    "I15": [
        Bad("HTML only", mail(b"Content-Type: text/html", body=b"<p>It prints <b>two</b> pages.")),
        Bad("empty text", parts(b"Content-Type: text/plain\r\n\r\n", b"Content-Type: text/html\r\n\r\n<p>" + TEXT, kind=b"alternative")),
        Bad("they differ", parts(PLAIN, b"Content-Type: text/html\r\n\r\n<p>Something else", kind=b"alternative")),
    ],
    "I16": [
        Bad("60 logos", parts(PLAIN, *[b"Content-Type: image/png\r\nContent-ID: <%d@x>\r\nContent-Disposition: inline; filename=logo.png\r\n\r\nPNG" % i for i in range(60)], kind=b"related")),
    ],
    "I17": [
        Bad("a path", parts(PLAIN, file(b'filename="../../etc/x.txt"')), files=("x.txt",)),
        Bad("a device", parts(PLAIN, file(b"filename=con.txt")), files=("_con.txt",)),
        Bad("5 kB", parts(PLAIN, file(b"filename=" + b"a" * 5_000 + b".txt")), files=("aaaa",)),
        Bad("no name", parts(PLAIN, b"Content-Type: application/pdf\r\n\r\nx"), files=("attachment.pdf",)),
        Bad("100 pieces", parts(PLAIN, file(b"; ".join(b"filename*%d=a" % i for i in range(100)))), files=("a" * 40,)),
        Bad("of one name", parts(PLAIN, file(b"filename=a.txt"), file(b"filename=a.txt")), files=("a.txt",)),
    ],
    "I18": [
        Bad(date, mail(b"Date: " + date.encode()))
        for date in ("", "Thu, 01 Jan 1970 00:00:00 +0000", "Sat, 21 Nov 2099 10:00:00 +0000", "yesterday", "99 Foo 99999 99:99:99 +9999")
    ],
    "I19": [
        Bad("a U-label", sender("From: clara@bücher.example".encode()), customer="clara@xn--bcher-kva.example"),
        Bad("upper case", sender(b"From: Clara@CUSTOMER.Example"), customer="clara@customer.example"),
        Bad("SMTPUTF8", sender("From: zoë@customer.example".encode())),
        Bad("quoted", sender(b'From: "a b"@customer.example')),
        Bad("a comment", sender(b"From: clara(work)@customer.example")),
        Bad("long", sender(b"From: " + b"a" * 70 + b"@customer.example")),
        Bad("a dot at the end", sender(b"From: clara@customer.example."), customer="clara@customer.example"),
    ],
    "I21": [
        Bad("empty body", mail(body=b""), words=""),
        Bad("only a quote", mail(body=b"> " + TEXT)),
        Bad("only a signature", mail(body=b"-- \r\nClara"), words=""),
    ],
    "I22": [
        Bad("resent", mail(b"Resent-From: x@y.example", b"Resent-To: support@acme.example"), customer="clara@customer.example"),
        Bad("enclosed", parts(PLAIN, b"Content-Type: message/rfc822\r\n\r\nFrom: victim@x.example\r\nSubject: Hi\r\n\r\nx"), customer="clara@customer.example", files=("Hi.eml",)),
        Bad("inline", mail(body=TEXT + b"\r\n---------- Forwarded message ---------\r\nFrom: victim@x.example\r\n\r\nx"), customer="clara@customer.example"),
        *(Bad(prefix, mail(subject=f"Subject: {prefix}: Printer\r\n".encode()), customer="clara@customer.example") for prefix in ("WG", "Fwd", "TR", "RV")),
    ],
    "I23": [
        Bad("mbox", b"From clara@customer.example Sat Nov 21 10:00:00 2026\n" + mail()),
        Bad("quoted mbox", b">From clara@customer.example Sat Nov 21 10:00:00 2026\r\n" + mail()),
        Bad("50,000 blank lines", b"\r\n" * 50_000 + mail()),
        Bad("byte order mark", b"\xef\xbb\xbf" + mail()),
        Bad("a blank before each colon", re.sub(rb"(?m)^([A-Za-z-]+):", rb"\1 :", mail()), customer="clara@customer.example"),
    ],
    "I24": [
        Bad("attribute names", mail(b"headers: x", b"mail: x", b"__class__: x", b"X-__dict__: x", b"from_: x", b"get_payload: x", b"_mail: x", b"body: x")),
    ],
    "A18": [
        Bad("open comments of HTML", mail(b"Content-Type: text/html", body=b"<!--" * 50_000), words=""),
        Bad("nested HTML", mail(b"Content-Type: text/html", body=b"<div>" * 100_000 + TEXT), words=""),
        Bad("a quote stripper's bane", mail(body=b"On " * 100_000), words="On On"),
        Bad("a flood of parameters", mail(b"Content-Type: text/plain; " + b"a" * 60_000)),
        Bad("blanks for parameters", mail(b"Content-Type: text/plain" + b" " * 60_000 + b"x")),
        Bad("an enclosed field", mail(b"Content-Type: message/rfc822", body=b"To: " + b"a " * 400_000 + b"\r\n\r\nx"), words="", files=(".eml",)),
    ],
}  # fmt: skip
