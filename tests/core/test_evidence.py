"""Who may be believed about a sender: only our own border, only about the domain in From, only if it is clear."""

from __future__ import annotations

from typing import Any

import pytest

from mailproc.core.evidence import AuthenticationResults, Evidence, Level, evidence
from mailproc.core.message import Message
from mailproc.mime.authentication import results, seals

OURS = "mx.desk.example"
PASS = f"{OURS}; dmarc=pass header.from=agents.example"
RECEIVED = ("received", "from out.agents.example by mx.desk.example; Mon, 2 Mar 2026 10:00:00 +0000")


def judged(*fields: tuple[str, str] | str, domain: str = "agents.example", hops: int = 1) -> Evidence:
    """What a mail with these fields, topmost first, proves; a bare string is an Authentication-Results field."""
    named = [("authentication-results", field) if isinstance(field, str) else field for field in fields]
    return evidence(results(Message(headers=tuple(named))), domain, frozenset({OURS}), hops)


@pytest.mark.parametrize(
    "field",
    [
        PASS,
        f"{OURS}; dkim=pass header.d=a.example; spf=pass; dmarc=pass (p=REJECT dis=NONE) header.from=agents.example",
        f"{OURS} 1; dmarc=pass header.from=agents.example",
        "MX.Desk.Example; DMARC=Pass header.from=Agents.Example",
        f"(our border) {OURS} (2026); dmarc=pass header.from=jane@agents.example",
        f'{OURS}; dmarc=pass reason="p=reject; aligned" header.from=agents.example',
    ],
    ids=["plain", "with SPF and DKIM", "version 1", "upper case", "comments", "quoted reason"],
)
def test_a_pass_of_our_border_for_the_domain_in_from_proves_the_sender(field: str) -> None:
    assert judged(field, RECEIVED).level is Level.AUTHENTICATED


def test_the_border_may_write_it_above_or_right_below_its_own_received_field() -> None:
    assert judged(PASS, RECEIVED).level is Level.AUTHENTICATED
    assert judged(RECEIVED, PASS, RECEIVED).level is Level.AUTHENTICATED


@pytest.mark.parametrize(
    "fields",
    [
        ["mx.attacker.example; dmarc=pass header.from=agents.example"],
        [RECEIVED, RECEIVED, PASS],
        [f"mx.attacker.example; dkim=pass ({OURS}; dmarc=pass header.from=agents.example)"],
        [f'mx.attacker.example; dkim=pass reason="{OURS}; dmarc=pass header.from=agents.example"'],
        [f"{OURS}.; dmarc=pass header.from=agents.example"],
        [f"sub.{OURS}; dmarc=pass header.from=agents.example"],
        [f"{OURS}.attacker.example; dmarc=pass header.from=agents.example"],
        ["=?utf-8?q?mx.desk.example?=; dmarc=pass header.from=agents.example"],
        ["mx.de\u017fk.example; dmarc=pass header.from=agents.example"],
        ["mx.des\u212a.example; dmarc=pass header.from=agents.example"],
        [("arc-authentication-results", f"i=1; {PASS}")],
        [("x-authentication-results", PASS)],
        ["", ";", "()", "dmarc=pass header.from=agents.example"],
    ],
    ids=[
        "another server", "below the second hop", "in a comment", "in a quoted string", "trailing dot", "longer name",
        "our name as a prefix", "encoded word", "long s", "Kelvin sign", "ARC", "X- name", "no authserv-id",
    ],
)  # fmt: skip
@pytest.mark.row("A1")
def test_forged_verdicts_prove_nothing(fields: list[tuple[str, str] | str]) -> None:
    assert judged(*fields).level is Level.NONE


@pytest.mark.parametrize(
    "fields",
    [
        [f"{OURS}; dmarc=fail header.from=agents.example"],
        [f"{OURS}; dmarc=none header.from=agents.example"],
        [f"{OURS}; dmarc=pass header.from=attacker.example"],
        [f"{OURS}; dmarc=pass header.from=sub.agents.example"],
        [f"{OURS}; dmarc=pass"],
        [f"{OURS}; dmarc=pass header.from=agents.example header.from=attacker.example"],
        [f"{OURS}; none"],
        [f"{OURS}; spf=pass smtp.mailfrom=agents.example; dkim=pass header.d=agents.example"],
        [f"{OURS}; dmarc=fail header.from=agents.example", RECEIVED, PASS],
        [PASS, RECEIVED, f"{OURS}; dmarc=fail header.from=agents.example"],
        [f"{PASS}; dmarc=fail header.from=agents.example"],
    ],
    ids=[
        "fail", "none", "another domain", "a subdomain", "no domain", "two domains", "no results", "SPF and DKIM alone",
        "a forged pass below our fail", "a fail below a pass", "both in one field",
    ],
)  # fmt: skip
def test_what_our_border_does_not_clearly_pass_has_failed(fields: list[tuple[str, str] | str]) -> None:
    assert judged(*fields).level is Level.FAILED


@pytest.mark.parametrize(
    "field",
    [
        f"{OURS} 2; dmarc=pass header.from=agents.example",
        f'"{OURS}"; dmarc=pass header.from=agents.example',
        f'{OURS}; dmarc="pass" header.from=agents.example',
        f"{OURS} dmarc=pass header.from=agents.example",
        f"{PASS}; dmarc=",
        f"{OURS}; {'(' * 3900}",
        f"{PASS}; {'x' * 5000}",
        f"(comment) {OURS}; dmarc=",
    ],
    ids=["version 2", "quoted id", "quoted result", "no semicolon", "cut", "nested comments", "too long", "comment"],
)
def test_a_field_in_our_name_that_cannot_be_read_has_failed_even_beside_a_good_one(field: str) -> None:
    assert judged(field).level is Level.FAILED
    assert judged(PASS, field).level is Level.FAILED


def test_nobody_is_believed_until_somebody_is_configured() -> None:
    found = evidence([AuthenticationResults(OURS, 0, (("pass", "agents.example"),))], "agents.example", frozenset())
    assert found.level is Level.NONE


def test_a_from_that_names_nobody_is_never_proven_by_a_verdict_about_nobody() -> None:
    assert judged(f"{OURS}; dmarc=pass", domain="").level is Level.FAILED


def test_an_operator_whose_servers_hand_mail_on_says_how_often() -> None:
    below_two: list[tuple[str, str] | str] = [RECEIVED, RECEIVED, PASS]
    assert judged(*below_two, hops=2).level is Level.AUTHENTICATED
    assert judged(*below_two, hops=1).level is Level.NONE


def test_the_reason_tells_the_operator_who_said_what() -> None:
    assert judged(PASS).reason == "dmarc=pass for agents.example by mx.desk.example"
    assert judged(f"{OURS}; dmarc=fail header.from=agents.example").reason == "dmarc=fail for agents.example"
    assert "disagree" in judged(f"{OURS}; dmarc=fail header.from=agents.example", PASS).reason


def test_a_thousand_fields_are_not_all_read() -> None:
    assert len(results(Message(headers=(("authentication-results", PASS),) * 1000))) == 20


SEALED = f"{OURS}; arc=pass (i=1); dmarc=fail header.from=agents.example"
SEAL = ("arc-seal", "i=1; a=rsa-sha256; d=lists.example; s=x; cv=none; b=aGk=")
SAW = ("arc-authentication-results", "i=1; mx.lists.example; dmarc=pass header.from=agents.example")
SECOND = ("arc-seal", "i=2; a=rsa-sha256; d=school.example; s=x; cv=pass; b=aGk=")
SECOND_SAW = ("arc-authentication-results", "i=2; mx.school.example; dmarc=fail header.from=agents.example")


def forwarded(*fields: tuple[str, str], border: str = SEALED, sealers: tuple[str, ...] = ("lists.example",)) -> Level:
    """What a mail proves that came by way of forwarders who sealed it (RFC 8617)."""
    message = Message(headers=(("authentication-results", border), *fields))
    return evidence(
        results(message), "agents.example", frozenset({OURS}), 2, seals(message), frozenset(sealers)
    ).level  # fmt: skip


def test_a_forwarder_on_the_list_may_say_what_it_saw_where_our_border_found_the_seals_whole() -> None:
    assert forwarded(SEAL, SAW) is Level.SEALED
    both = ("lists.example", "school.example")
    assert forwarded(SECOND_SAW, SECOND, SAW, SEAL, sealers=both) is Level.SEALED


@pytest.mark.row("A1")
@pytest.mark.parametrize(
    ("fields", "changes"),
    [
        ([SEAL, SAW], {"sealers": ()}),
        ([SEAL, SAW], {"border": f"{OURS}; arc=fail; dmarc=fail header.from=agents.example"}),
        ([SEAL, SAW], {"border": f"{OURS}; arc=pass; arc=fail; dmarc=fail header.from=agents.example"}),
        ([SEAL, SAW], {"border": f"{OURS}; dmarc=fail header.from=agents.example"}),
        ([SEAL, SAW, SECOND, SECOND_SAW], {}),
        ([SEAL, SAW, SEAL], {}),
        ([SEAL, SAW, SAW], {}),
        ([SEAL], {}),
        ([SAW], {}),
        ([SECOND, SECOND_SAW], {"sealers": ("school.example",)}),
        ([("arc-seal", "i=1; d=lists.example; d=evil.example"), SAW], {}),
        ([("arc-seal", "a=rsa-sha256; d=lists.example"), SAW], {}),
        ([SEAL, ("arc-authentication-results", "i=1; mx.lists.example; dmarc=fail header.from=agents.example")], {}),
        ([SEAL, ("arc-authentication-results", "i=1; mx.lists.example; dmarc=pass header.from=evil.example")], {}),
        ([SEAL, ("arc-authentication-results", "i=1; mx.lists.example; spf=pass; dkim=pass")], {}),
    ],
    ids=[
        "off by default", "a broken chain", "two verdicts", "nobody looked at the chain", "a second one nobody knows",
        "a seal twice", "a verdict twice", "no verdict", "no seal", "the first is missing", "two signers", "no number",
        "failed there too", "another domain", "no dmarc",
    ],
)  # fmt: skip
def test_any_doubt_about_the_seals_and_they_prove_nothing(
    fields: list[tuple[str, str]], changes: dict[str, Any]
) -> None:
    assert forwarded(*fields, **changes) is Level.FAILED
