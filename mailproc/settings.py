"""The configuration: one TOML file, with environment variables and systemd credentials on top.

Every value is checked when it is read, and all of them against each other; an error names file, line, key and mend.
Secrets are masked wherever settings are shown.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from mailproc.core.calendar import Calendar, hours_from_text, parse_duration


class ConfigurationError(Exception):
    """The configuration can't be used; each problem names where it stands and what to do."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def _duration(value: object) -> object:
    return parse_duration(value) if isinstance(value, str) else value


def _zone(value: object) -> object:
    try:
        ZoneInfo(str(value))
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError(f"{value!r} is no time zone; write one as Europe/Berlin") from None
    return value


def _address(value: object) -> object:
    if not isinstance(value, str) or not re.fullmatch(r"[^\s<>@+]+(\+[^\s<>@]*)?@[^\s<>@]+", value):
        raise ValueError(f"{value!r} is no mail address")
    return value


def _secret(value: object) -> object:
    """`credential:NAME` is the file NAME in the unit's credentials directory (systemd.exec, LoadCredential=)."""
    if not isinstance(value, str) or not value.startswith("credential:"):
        return value
    name = value.removeprefix("credential:")
    folder = os.environ.get("CREDENTIALS_DIRECTORY", "")
    file = Path(folder) / name
    if not folder or not file.is_file():
        raise ValueError(
            f"no such credential {name!r}. Put it into the unit: LoadCredential={name}:/etc/mailproc/{name}"
        )
    return file.read_text(encoding="utf-8").strip()


def _hours(value: object) -> object:
    if isinstance(value, str) and value:
        hours_from_text(value)
    return value


def _long_enough(secret: SecretStr) -> SecretStr:
    if len(secret.get_secret_value()) < _SHORTEST_KEY:
        raise ValueError(f"is shorter than {_SHORTEST_KEY} characters; openssl rand -hex 32 makes a good one")
    return secret


def _number(value: object) -> object:
    if not str(value).isdigit() or int(str(value)) > _HIGHEST_KEY:
        raise ValueError(f"{value!r} is no key number from 0 to {_HIGHEST_KEY}")
    return value


_SHORTEST_KEY, _HIGHEST_KEY = 16, 255
Duration = Annotated[timedelta, BeforeValidator(_duration)]
Zone = Annotated[str, BeforeValidator(_zone)]
MailAddress = Annotated[str, BeforeValidator(_address)]
Secret = Annotated[SecretStr, BeforeValidator(_secret)]
TokenKey = Annotated[Secret, AfterValidator(_long_enough)]
KeyNumber = Annotated[str, BeforeValidator(_number)]


class Section(BaseModel):
    """A table of the file: unknown keys are errors, so that a slip of the pen is told."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class DeskSettings(Section):
    """How the desk calls itself and when it works. A mailbox may differ."""

    name: str = Field(min_length=1, max_length=80, description="display name in From and under letters")
    prefix: str = Field(
        "", max_length=20, description="word in the subject tag, [Acme #1042]; empty: first word of name"
    )
    language: str = Field("en", description="language of letters when the customer's is not known")
    time_zone: Zone = Field("UTC", description="zone of the hours below, and of customers whose zone is not known")
    hours: Annotated[str, BeforeValidator(_hours)] = Field(
        "", description='working hours, "Mon-Fri 09:00-17:30"; empty: always'
    )
    holidays: tuple[date, ...] = Field((), description="days without work")
    first_answer: Duration | None = Field(None, description="working time until the first answer, told to the customer")


class StoreSettings(Section):
    url: str = Field(
        "sqlite:///var/lib/mailproc/mailproc.db", description="sqlite:///FILE (or postgresql://, next release)"
    )


class TemplateSettings(Section):
    folder: Path | None = Field(None, description="letters that replace ours: LANGUAGE/LETTER/body.txt")


class ServerSettings(Section):
    """A mail server. Clear text is refused unless the server is this machine or `allow_clear` says so."""

    host: str = Field(min_length=1)
    port: int = Field(ge=1, le=65535)
    security: Literal["tls", "starttls", "clear"]
    user: str = ""
    password: Secret = SecretStr("")
    allow_clear: bool = Field(False, description="send passwords and mail unprotected over the network")
    ca_file: Path | None = Field(None, description="certificates to trust instead of the system's")
    timeout: Duration = Field(timedelta(seconds=60), description="longest silence of the server")

    @model_validator(mode="after")
    def _protected(self) -> ServerSettings:
        if self.security == "clear" and not self.allow_clear and self.host not in {"127.0.0.1", "::1", "localhost"}:
            words = f"would send the password to {self.host} unprotected; use tls or starttls"
            raise ValueError(f'security = "clear" {words}')
        return self


class ImapSettings(ServerSettings):
    port: int = Field(993, ge=1, le=65535)
    security: Literal["tls", "starttls", "clear"] = "tls"
    folder: str = Field("INBOX", description="where mail arrives")
    processed: str = Field("Processed", description="where handled mail is moved")
    failed: str = Field("Failed", description="where quarantined mail is moved")


class SmtpSettings(ServerSettings):
    port: int = Field(587, ge=1, le=65535)
    security: Literal["tls", "starttls", "clear"] = "starttls"


class MailboxSettings(Section):
    """One support address."""

    address: MailAddress
    team: str
    imap: ImapSettings
    smtp: SmtpSettings
    start: Literal["now", "all"] | datetime = Field("now", description='first start: "now" leaves older mail alone')
    plus_addressing: bool = Field(True, description="the server delivers support+anything@ to this mailbox")
    null_sender: bool = Field(True, description="machine mail leaves with an empty MAIL FROM (RFC 3834)")
    name: str = Field("", description="instead of desk.name")
    prefix: str = Field("", description="instead of desk.prefix")
    language: str = Field("", description="instead of desk.language")
    time_zone: Zone | None = Field(None, description="instead of desk.time_zone")


class TeamSettings(Section):
    name: str = Field("", description="as shown; empty: the key")
    members: tuple[str, ...] = Field(description="agents, by their keys")


class AgentSettings(Section):
    name: str = Field(min_length=1, max_length=80, description="as customers see it")
    address: MailAddress
    language: str = "en"
    time_zone: Zone | None = Field(None, description="instead of desk.time_zone")


class TrustSettings(Section):
    trust: Literal["authenticated", "token"] = Field(
        "authenticated", description='"token": the reply token alone proves an agent, for want of an authserv-id'
    )
    trusted_authserv_ids: tuple[str, ...] = Field(
        (), description="names our own mail server signs Authentication-Results with"
    )
    border_hops: int = Field(
        2, ge=0, le=20, description="Received fields our own servers add above Authentication-Results"
    )


class VerificationSettings(Section):
    reminder_after: Duration = timedelta(hours=24)
    close_after: Duration = timedelta(hours=48)
    reopen_window: Duration = timedelta(days=14)


class SurveySettings(Section):
    enabled: bool = True
    window: Duration = timedelta(days=28)


class TokenSettings(Section):
    key: TokenKey = Field(description="at least 16 characters; openssl rand -hex 32 makes one")
    number: int = Field(1, ge=0, le=255, description="count up when the key changes, and move the old one to old_keys")
    old_keys: Mapping[KeyNumber, TokenKey] = Field({}, description='still good: {"1" = "credential:token-key-1"}')
    days: int = Field(365, ge=1, le=3650, description="how long a reply token is good")


class AutomaticSettings(Section):
    """What becomes of machine mail that belongs to no ticket."""

    lists: Literal["ticket", "record"] = Field(
        "ticket", description='mail with list headers: "ticket" opens one, unanswered'
    )


class LimitSettings(Section):
    message_bytes: int = Field(40_000_000, ge=10_000, description="larger mails: only the header is fetched")
    copied: int = Field(20, ge=0, le=200, description="people in copy kept as participants")
    parser_workers: int = Field(1, ge=1, le=32)
    parser_memory: int = Field(600_000_000, ge=200_000_000, description="bytes a parser may use")
    parser_seconds: float = Field(20.0, gt=0, description="time a parser may take for one mail")
    smtp_connections: int = Field(4, ge=1, le=32, description="to each SMTP server at once")


class LogSettings(Section):
    style: Literal["console", "json"] = "console"


class Settings(BaseSettings):
    """The whole configuration."""

    model_config = SettingsConfigDict(
        extra="forbid", frozen=True, env_prefix="MAILPROC_", env_nested_delimiter="__", case_sensitive=False
    )

    desk: DeskSettings
    store: StoreSettings = StoreSettings()
    templates: TemplateSettings = TemplateSettings()
    mailbox: Mapping[str, MailboxSettings]
    team: Mapping[str, TeamSettings]
    agent: Mapping[str, AgentSettings]
    agents: TrustSettings = TrustSettings()
    verification: VerificationSettings = VerificationSettings()
    survey: SurveySettings = SurveySettings()
    tokens: TokenSettings
    automatic: AutomaticSettings = AutomaticSettings()
    limits: LimitSettings = LimitSettings()
    log: LogSettings = LogSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - what pydantic calls it with
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        del dotenv_settings, file_secret_settings  # one file, one environment: no hidden third place
        assert isinstance(env_settings, EnvSettingsSource)
        return env_settings, init_settings

    @model_validator(mode="after")
    def _fits_together(self) -> Settings:
        problems = [*self._unknown_names(), *self._shared_addresses()]
        if self.verification.reminder_after >= self.verification.close_after:
            problems.append("verification.reminder_after: comes at or after close_after; remind earlier or close later")
        if not self.mailbox:
            problems.append("mailbox: none; write a [mailbox.support] section")
        if problems:
            raise ValueError("\n".join(problems))
        return self

    def _unknown_names(self) -> list[str]:
        problems = [
            f"mailbox.{name}.team: there is no team {mailbox.team!r}; known: {', '.join(self.team) or 'none'}"
            for name, mailbox in self.mailbox.items()
            if mailbox.team not in self.team
        ]
        problems += [
            f"team.{name}.members: there is no agent {member!r}; known: {', '.join(self.agent) or 'none'}"
            for name, team in self.team.items()
            for member in team.members
            if member not in self.agent
        ]
        return problems + [
            f"team.{name}.members: nobody is in it" for name, team in self.team.items() if not team.members
        ]

    def _shared_addresses(self) -> list[str]:
        seen: dict[str, str] = {}
        problems = []
        for where, address in [
            *((f"mailbox.{name}", mailbox.address) for name, mailbox in self.mailbox.items()),
            *((f"agent.{name}", agent.address) for name, agent in self.agent.items()),
        ]:
            first = seen.setdefault(address.casefold(), where)
            if first != where:
                problems.append(f"{where}.address: {address} is {first}'s too; every address belongs to one")
        return problems


def load(file: Path) -> Settings:
    """Read and check a configuration. Raises ConfigurationError with every problem found."""
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigurationError([f"{file}: can't be read: {error.strerror}. Name another with -c FILE."]) from None
    except UnicodeDecodeError:
        raise ConfigurationError([f"{file}: is not UTF-8 text."]) from None
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError([f"{file}: is not TOML: {error}"]) from None
    try:
        return Settings(**values)
    except ValidationError as error:
        raise ConfigurationError(_told(file, text, error)) from None


def _told(file: Path, text: str, error: ValidationError) -> list[str]:
    problems = []
    for found in error.errors():
        path = [str(part) for part in found["loc"] if not str(part).startswith(("literal[", "datetime"))]
        message = _in_words(found, path)
        for line in message.split("\n"):
            key, _, rest = line.partition(": ")
            inner = key.split(".") if not path and rest and re.fullmatch(r"[\w.-]+", key) else path
            words = rest if not path and inner is not path else line
            problems.append(f"{_where(file, text, inner)}: {words}")
    return list(dict.fromkeys(problems))


def _in_words(found: Any, path: list[str]) -> str:
    match found["type"]:
        case "missing":
            variable = "MAILPROC_" + "__".join(part.upper() for part in path)
            return f"is missing. Write it there, or set {variable}."
        case "extra_forbidden":
            return "is not a setting. Check the spelling; config/mailproc.example.toml lists them all."
        case "value_error":
            return str(found["msg"]).removeprefix("Value error, ")
        case _:
            return f"{str(found['msg'])[0].lower()}{str(found['msg'])[1:]}"


def _where(file: Path, text: str, path: list[str]) -> str:
    """`file, line 14, mailbox.support.imap.password`, the line being the key's or its section's."""
    dotted = ".".join(path)
    section, best = "", 0
    for number, line in enumerate(text.splitlines(), 1):
        header = re.match(r"\s*\[([^\[\]]+)\]", line)
        if header:
            section = re.sub(r"[\s\"']", "", header[1])
            best = number if dotted == section or dotted.startswith(section + ".") else best
            continue
        key = re.match(r"\s*([\w.\"'-]+)\s*=", line)
        full = f"{section}.{key[1]}".strip(".") if key else ""
        if full and (dotted == full or dotted.startswith(full + ".")):
            return f"{file}, line {number}, {dotted}"
    return f"{file}, line {best}, {dotted}" if best else f"{file}, {dotted}" if dotted else str(file)


def calendar_of(desk: DeskSettings) -> Calendar:
    """The business calendar of the desk."""
    zone = ZoneInfo(desk.time_zone)
    if not desk.hours:
        return Calendar.always(zone)
    return Calendar(zone, hours_from_text(desk.hours), frozenset(desk.holidays))


def begins(start: Literal["now", "all"] | datetime) -> Literal["now", "all"] | datetime:
    """`start` with a zone: a naive moment in the file is meant in UTC."""
    return start.replace(tzinfo=UTC) if isinstance(start, datetime) and start.tzinfo is None else start
