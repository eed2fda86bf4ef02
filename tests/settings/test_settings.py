"""The configuration as a whole: the example, the README, the environment, credentials, secrets."""

from __future__ import annotations

import re
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

import pytest

from mailproc.app import keys_of, parser_limits, policy_of
from mailproc.mime.prescan import Limits
from mailproc.settings import Settings, load
from mailproc.settings_bounds import LimitSettings
from mailproc.settings_errors import ConfigurationError
from mailproc.settings_example import example
from tests.testlib.repository import ROOT

SECRETS = ("imap-password", "smtp-password", "token-key")


@pytest.fixture
def credentials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What systemd hands over: a folder of files."""
    folder = tmp_path / "credentials"
    folder.mkdir()
    for name in SECRETS:
        (folder / name).write_text(f"the secret called {name}\n")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(folder))
    return folder


def written(tmp_path: Path, text: str) -> Settings:
    file = tmp_path / "mailproc.toml"
    file.write_text(text)
    return load(file)


def test_the_example_is_what_the_classes_say() -> None:
    file = ROOT / "config" / "mailproc.example.toml"
    assert file.read_text() == example(), "run: mailproc check --example > config/mailproc.example.toml"


@pytest.mark.row("I10")
def test_every_cap_on_mails_is_a_setting_of_its_name_and_safe_by_default() -> None:
    assert asdict(Limits()).items() <= LimitSettings().model_dump().items()


@pytest.mark.usefixtures("credentials")
def test_the_example_is_a_configuration() -> None:
    settings = load(ROOT / "config" / "mailproc.example.toml")
    assert settings.mailbox["support"].imap.password.get_secret_value() == "the secret called imap-password"
    keys_of(settings)
    assert policy_of(settings).close_after == timedelta(hours=48)
    assert parser_limits(settings).scan == Limits()


def test_a_command_typed_by_hand_finds_the_secrets_beside_the_configuration(
    credentials: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY")
    credentials.rename(tmp_path / "secrets")
    settings = written(tmp_path, (ROOT / "config" / "mailproc.example.toml").read_text())
    assert settings.tokens.key.get_secret_value() == "the secret called token-key"


def test_what_the_unit_hands_over_comes_first(credentials: Path, tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "token-key").write_text("an older key, which is not handed over")
    settings = written(tmp_path, (ROOT / "config" / "mailproc.example.toml").read_text())
    assert settings.tokens.key.get_secret_value() == (credentials / "token-key").read_text().rstrip()


def test_a_console_s_credentials_do_not_hide_the_secrets_beside_the_configuration(
    credentials: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A shell that getty@tty1.service brought about has that unit's folder, which holds none of ours."""
    credentials.rename(tmp_path / "secrets")
    (tmp_path / "getty@tty1.service").mkdir()
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path / "getty@tty1.service"))
    settings = written(tmp_path, (ROOT / "config" / "mailproc.example.toml").read_text())
    assert settings.tokens.key.get_secret_value() == "the secret called token-key"


def test_a_credential_that_cannot_be_read_is_told_with_its_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "secrets").touch()
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    with pytest.raises(
        ConfigurationError, match=f'credential "token-key": {tmp_path}/secrets/token-key: Not a directory.'
    ):
        written(tmp_path, (ROOT / "config" / "mailproc.example.toml").read_text())


def test_the_unit_hands_over_the_secrets_of_the_example(credentials: Path) -> None:
    unit = (ROOT / "systemd" / "mailproc.service").read_text()
    for secret in credentials.iterdir():
        assert f"\nLoadCredential={secret.name}:/etc/mailproc/secrets/{secret.name}\n" in unit


@pytest.mark.usefixtures("credentials")
def test_every_default_the_example_shows_can_be_written(tmp_path: Path) -> None:
    """A line that is uncommented as it stands means what it meant before; empty ones show that there is none."""
    text = re.sub(r'^# (\w+ = (?!"").+)$', r"\1", example(), flags=re.MULTILINE)
    assert written(tmp_path, text) == load(ROOT / "config" / "mailproc.example.toml")


@pytest.mark.usefixtures("credentials")
def test_the_readme_s_configuration_is_one(tmp_path: Path) -> None:
    (block,) = re.findall(r"```toml\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    settings = written(tmp_path, re.sub(r"^   ", "", block, flags=re.MULTILINE))
    assert policy_of(settings).members("support")[0].display == "Anna"
    assert policy_of(settings).mailboxes["support"].prefix == "Acme"


@pytest.mark.usefixtures("credentials")
def test_the_environment_goes_before_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAILPROC_MAILBOX__SUPPORT__IMAP__PASSWORD", "from outside")
    monkeypatch.setenv("MAILPROC_DESK__LANGUAGE", "de")
    settings = written(tmp_path, example())
    assert settings.mailbox["support"].imap.password.get_secret_value() == "from outside"
    assert settings.mailbox["support"].imap.host == "imap.acme.example"
    assert settings.desk.language == "de"


@pytest.mark.usefixtures("credentials")
def test_no_secret_is_shown(tmp_path: Path) -> None:
    settings = written(tmp_path, example())
    shown = f"{settings!r} {settings} {settings.model_dump()} {settings.model_dump_json()}"
    assert "the secret" not in shown


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        written(tmp_path, '[desk]\nname = ""\ntime_zone = "Moon"\n')
    places = [problem.partition(": ")[0].rpartition(", ")[2] for problem in caught.value.problems]
    assert {"desk.name", "desk.time_zone", "mailbox", "team", "agent", "tokens.key"} <= set(places)
