"""The configuration: one TOML file, with environment variables and systemd credentials on top.

Every value is checked when it is read, and all of them against each other; an error names file, line, key and mend.
Secrets are masked wherever settings are shown.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Literal, get_args
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from mailproc.core.calendar import Calendar, hours_from_text
from mailproc.core.subaddress import within
from mailproc.settings_bounds import AttachmentSettings, BudgetSettings, LimitSettings, SafetySettings
from mailproc.settings_errors import (
    DELIMITER,
    PREFIX,
    ConfigurationError,
    Key,
    NotTogether,
    Source,
    Wrong,
    in_words,
    not_toml,
)
from mailproc.settings_routes import Folders, developers, folders, handoffs
from mailproc.settings_values import (
    SECRETS,
    Certificates,
    DatabaseUrl,
    Duration,
    Folder,
    Hours,
    KeyNumber,
    MailAddress,
    Secret,
    Section,
    Start,
    TokenKey,
    Zone,
)


class DeskSettings(Section):
    """How the desk calls itself and when it works. A mailbox may differ."""

    name: str = Field(min_length=1, max_length=80, description="display name in From and under letters")
    prefix: str = Field("", max_length=20, description="word in the subject tag [Acme #1042], or the first of name")
    language: str = Field("en", description="language of letters when the customer's is not known")
    time_zone: Zone = Field("UTC", description="zone of the hours below, and of customers whose zone is not known")
    hours: Hours = Field("", description='working hours, "Mon-Fri 09:00-17:30"; empty: always')
    holidays: tuple[date, ...] = Field((), description="days without work")
    first_answer: Duration | None = Field(None, description="working time until the first answer, told to the customer")
    escalate_to: str = Field("", description="team that a bare #escalate asks; empty: the ticket's own")
    security_team: str = Field("", description="team that alone sees what was marked by #security; empty: nobody can")
    handoff: Mapping[str, MailAddress] = Field(
        {}, description='other teams for #handoff: {"sales" = "sales@acme.example"}'
    )
    tell_late_after: Duration = Field(timedelta(hours=1), description="owners hear then of answers still under way")
    development: MailAddress = Field("", description="where #ask engineering and #bug go; empty: they are refused")


class StoreSettings(Section):
    url: DatabaseUrl = Field(
        "sqlite:///var/lib/mailproc/mailproc.db",
        description="sqlite:///FILE, or postgresql://USER:PASSWORD@HOST/DATABASE for several nodes",
    )


class TemplateSettings(Section):
    folder: Folder | None = Field(None, description="letters that replace ours: LANGUAGE/LETTER/body.txt")


class ServerSettings(Section):
    """A mail server. Clear text is refused unless the server is this machine or `allow_clear` says so."""

    host: str = Field(min_length=1)
    port: int = Field(ge=1, le=65535)
    security: Literal["tls", "starttls", "clear"]
    user: str = ""
    password: Secret = SecretStr("")
    password_expires: date | None = Field(
        None, description="first day on which the password, or token, is not good any more, as 2027-03-01"
    )
    allow_clear: bool = Field(False, description="send passwords and mail unprotected over the network")
    ca_file: Certificates | None = Field(None, description="certificates to trust instead of the system's")
    timeout: Duration = Field(timedelta(seconds=60), gt=timedelta(0), description="longest silence of the server")

    @model_validator(mode="after")
    def _protected(self) -> ServerSettings:
        if self.security == "clear" and not self.allow_clear and self.host not in {"127.0.0.1", "::1", "localhost"}:
            mend = 'Write security = "tls" or "starttls"'
            raise NotTogether({("security",): Wrong(f"would send the password to {self.host} unprotected", mend)})
        return self


class ImapSettings(ServerSettings):
    port: int = Field(993, ge=1, le=65535)
    security: Literal["tls", "starttls", "clear"] = "tls"
    folder: str = Field("INBOX", description="where mail arrives")
    processed: str = Field("Processed", description="where handled mail is moved")
    failed: str = Field("Failed", description="where quarantined mail is moved")
    sent: str = Field(
        "Sent", description='copies of answers, if the server marks no folder for sent mail; "": makes and seeks none'
    )

    def folders(self) -> Folders:
        written = {"processed": self.processed, "failed": self.failed, "sent": self.sent}
        return Folders(self.host, self.user, self.folder, written)


class SmtpSettings(ServerSettings):
    port: int = Field(587, ge=1, le=65535)
    security: Literal["tls", "starttls", "clear"] = "starttls"


class MailboxSettings(Section):
    """One support address."""

    address: MailAddress
    team: str
    imap: ImapSettings
    smtp: SmtpSettings
    start: Start = Field("now", description='first start: "now" leaves older mail alone')
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
    trusted_arc_sealers: tuple[str, ...] = Field(
        (), description="forwarders whose ARC seal on an agent's mail counts, by their domains (RFC 8617)"
    )
    confirm_within: Duration = Field(
        timedelta(hours=24), gt=timedelta(0), description="an agent's unproven mail is held this long for a yes"
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
    """What becomes of machine mail."""

    lists: Literal["ticket", "record"] = Field("ticket", description='list mail: "ticket" opens one, unanswered')
    suppress_for: Duration = Field(
        timedelta(days=7), description="no automatic letter to an address that failed for good; then it is tried again"
    )


class AlertSettings(SmtpSettings):
    """Who is told when the desk needs a person, and by which server: best not by one that may be in trouble itself."""

    to: MailAddress = Field("", description="an address that a person reads; empty: trouble stands in the log only")
    sender: MailAddress = Field("", description="From of the alerts; nothing is expected back")
    host: str = ""


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
    mailbox: Mapping[str, MailboxSettings] = Field(min_length=1)
    team: Mapping[str, TeamSettings] = Field(min_length=1)
    agent: Mapping[str, AgentSettings] = Field(min_length=1)
    agents: TrustSettings = TrustSettings()
    verification: VerificationSettings = VerificationSettings()
    survey: SurveySettings = SurveySettings()
    tokens: TokenSettings
    automatic: AutomaticSettings = AutomaticSettings()
    safety: SafetySettings = SafetySettings()
    budgets: BudgetSettings = BudgetSettings()
    attachments: AttachmentSettings = AttachmentSettings()
    limits: LimitSettings = LimitSettings()
    log: LogSettings = LogSettings()
    alerts: AlertSettings = AlertSettings()

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
        problems = {**self._unknown_names(), **self._shared_addresses()}
        if self.verification.reminder_after >= self.verification.close_after:
            late = Wrong("comes at or after verification.close_after", "Remind earlier, or close later")
            problems["verification", "reminder_after"] = late
        if str(self.tokens.number) in self.tokens.old_keys:
            twice = Wrong(f"{self.tokens.number} is the number of an old key too", "Count it up with every new key")
            problems["tokens", "number"] = twice
        problems |= self._unfit_alerts() | self._unfit_routes()
        if problems:
            raise NotTogether(problems)
        return self

    def _unfit_routes(self) -> dict[Key, Wrong]:
        own = self._mailboxes() | {agent.address.casefold() for agent in self.agent.values()}
        teams = {name.casefold() for known, team in self.team.items() for name in (known, team.name)}
        read = {name: mailbox.imap.folders() for name, mailbox in self.mailbox.items()}
        return developers(self.desk.development, own) | handoffs(self.desk.handoff, own, teams) | folders(read)

    def _unfit_alerts(self) -> dict[Key, Wrong]:
        alerts = self.alerts
        if not alerts.to:
            return {}
        if within(alerts.to, self._mailboxes()):
            mend = "Name an address that a person reads, and mailproc doesn't"
            return {("alerts", "to"): Wrong(f"{alerts.to} is a mailbox of this desk: alerts would open tickets", mend)}
        missing = [name for name in ("sender", "host") if not getattr(alerts, name)]
        return {
            ("alerts", name): Wrong("is needed to send alerts", "Set it, or leave alerts.to out") for name in missing
        }

    def _unknown_names(self) -> dict[Key, Wrong]:
        teams, agents = f"Known: {', '.join(self.team)}", f"Known: {', '.join(self.agent)}"
        problems: dict[Key, Wrong] = {}
        for key, named in (("escalate_to", self.desk.escalate_to), ("security_team", self.desk.security_team)):
            if named and named not in self.team:
                problems["desk", key] = Wrong(f'there is no team "{named}"', teams)
        for name, mailbox in self.mailbox.items():
            if mailbox.team not in self.team:
                problems["mailbox", name, "team"] = Wrong(f'there is no team "{mailbox.team}"', teams)
        for name, team in self.team.items():
            unknown = [f'"{member}"' for member in team.members if member not in self.agent]
            if unknown:
                problems["team", name, "members"] = Wrong(f"there is no agent {' and no '.join(unknown)}", agents)
            elif not team.members:
                problems["team", name, "members"] = Wrong("nobody is in it", agents)
        return problems

    def _mailboxes(self) -> set[str]:
        return {mailbox.address.casefold() for mailbox in self.mailbox.values()}

    def _shared_addresses(self) -> dict[Key, Wrong]:
        seen: dict[str, str] = {}
        problems: dict[Key, Wrong] = {}
        owners = [("mailbox", name, mailbox.address) for name, mailbox in self.mailbox.items()]
        owners += [("agent", name, agent.address) for name, agent in self.agent.items()]
        for kind, name, address in owners:
            first = seen.setdefault(address.casefold(), f"{kind}.{name}")
            if first != f"{kind}.{name}":
                mend = "Every address belongs to one; give this one its own"
                problems[kind, name, "address"] = Wrong(f"{address} is {first}'s too", mend)
            elif kind == "agent" and within(address, self._mailboxes()):
                mend = "Name an address that a person reads, and mailproc doesn't"
                problems[kind, name, "address"] = Wrong(f"mail to {address} comes to a mailbox of this desk", mend)
        return problems


def load(file: Path) -> Settings:
    """Read and check a configuration. Raises ConfigurationError with every problem found."""
    try:
        text = file.read_text(encoding="utf-8")
        values = tomllib.loads(text)
    except OSError as error:
        raise ConfigurationError([f"{file}: can't be read: {error.strerror}.\n  Name another with -c FILE."]) from None
    except UnicodeDecodeError:
        raise ConfigurationError([f"{file}: is not UTF-8 text."]) from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError([not_toml(file, error)]) from None
    SECRETS.set(file.parent / "secrets")
    source = Source(file, text, os.environ)
    strangers = _strangers(source, values)
    try:
        settings = Settings(**_with_tables(values))
    except ValidationError as error:
        problems = in_words(source, error.errors(), _siblings)
        raise ConfigurationError(strangers + problems) from None
    except SettingsError as error:
        words = f"environment, {error}.\n  Set single settings, as MAILPROC_DESK__NAME."
        raise ConfigurationError([*strangers, words]) from None
    if strangers:
        raise ConfigurationError(strangers)
    return settings


def _with_tables(values: dict[str, Any]) -> dict[str, Any]:
    """The tables that must be there, empty where they are not: so the keys missing in them are told, not the tables."""
    needed: dict[str, Any] = {name: {} for name, field in Settings.model_fields.items() if field.is_required()}
    tables = {**needed, **{name: value for name, value in values.items() if not name.startswith("_")}}
    boxes = tables["mailbox"]
    if isinstance(boxes, dict):
        tables["mailbox"] = {
            name: {"imap": {}, "smtp": {}, **box} if isinstance(box, dict) else box for name, box in boxes.items()
        }
    return tables


def _strangers(source: Source, values: Mapping[str, Any]) -> list[str]:
    """Variables that look like settings and are none, and names pydantic-settings would take for its own options."""
    named = [f"{source.place((name,))[1]}: is not a setting." for name in values if name.startswith("_")]
    for variable in source.environment:
        section, nested, _ = variable.upper().removeprefix(PREFIX).partition(DELIMITER)
        if variable.upper().startswith(PREFIX) and nested and section.lower() not in Settings.model_fields:
            named.append(f"environment, {variable}: is not a setting.\n  Sections: {', '.join(Settings.model_fields)}.")
    return named


def _siblings(key: Key) -> list[str]:
    """The settings known in the table `key`."""
    fields = Settings.model_fields
    for part in key:
        field = fields.get(part)
        kind = field.annotation if field is not None else None
        inner = get_args(kind)[-1] if get_args(kind) else kind
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            fields = inner.model_fields
    return list(fields)


def calendar_of(desk: DeskSettings) -> Calendar:
    """The business calendar of the desk."""
    zone = ZoneInfo(desk.time_zone)
    if not desk.hours:
        return Calendar.always(zone)
    return Calendar(zone, hours_from_text(desk.hours), frozenset(desk.holidays))
