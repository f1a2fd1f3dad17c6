"""Every setting: its type, unit, default and reason. Read from PEERQA_* variables, once, at start.

A secret may also come from a file: PEERQA_SECRET_KEY_FILE names one that holds PEERQA_SECRET_KEY.
"""

import os
import sys
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import (
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from peerqa.errors import PeerQAError

CHECKOUT = Path(__file__).resolve().parent.parent
Network = IPv4Network | IPv6Network
SECRETS = ("SECRET_KEY", "SMTP_PASSWORD", "DATABASE_URL")


class BadSetting(PeerQAError):
    """A PEERQA_* variable holds something that cannot be used."""

    code = "bad-setting"


class Settings(BaseSettings):
    """What an installation may choose; frozen after start."""

    model_config = SettingsConfigDict(
        env_prefix="PEERQA_", env_ignore_empty=True, frozen=True, extra="ignore"
    )

    home: Path = Field(
        CHECKOUT / "var",
        description="Folder of all state: database, index, instance key. "
        "Beside pyproject.toml, whatever the working folder.",
    )
    database_url: SecretStr | None = Field(
        None,
        description="SQLAlchemy address; SQLite inside PEERQA_HOME when empty. "
        "postgresql+psycopg://… for several hosts.",
    )
    vectors: Literal["faiss", "pgvector"] = Field(
        "faiss",
        description="Where vectors are searched: faiss, in files of each machine, the quickest; "
        "pgvector, in PostgreSQL, the same for every host. A cache either way: it may be changed.",
    )
    secret_key: SecretStr | None = Field(
        None, description="Instance key, at least 32 characters; made in PEERQA_HOME when empty."
    )
    public_url: str | None = Field(
        None, description="The address people use, e.g. https://ask.example.org; for links in mail."
    )
    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: Annotated[int, Field(ge=1, le=65535)] = Field(8000, description="Port to listen on.")
    trusted_proxies: Annotated[int, Field(ge=0, le=10)] = Field(
        0,
        description="Web servers in front that say who asks and whether by https "
        "(X-Forwarded-For, X-Forwarded-Proto); 0 believes nobody.",
    )
    web_processes: Annotated[int, Field(ge=1, le=64)] = Field(
        1, description="Web processes; about one a core. Each takes up to 250 MB."
    )
    web_threads: Annotated[int, Field(ge=1, le=64)] = Field(
        8, description="Threads of a web process; requests mostly wait for the database."
    )
    demo: bool = Field(
        False,
        description="The demo company with one-click sign-in; loopback only. Set by make run.",
    )
    model: str = Field(
        "all-MiniLM-L6-v2",
        description="Sentence model to prepare: a name, a hub name or a folder. "
        "English by default.",
    )
    model_prefix: str = Field(
        "",
        description="Put before every text, for a model that was trained so and does not say it: "
        "`query:` for E5.",
    )
    model_dir: Path = Field(
        Path(sys.prefix) / "model", description="Folder of the prepared model artefact."
    )
    encode_timeout_seconds: Annotated[float, Field(gt=0, le=30)] = Field(
        0.6,
        description="How long a look-up waits for the encoder before it answers by words alone; "
        "a look-up takes 5 ms, and people notice a second.",
    )
    write_wait_seconds: Annotated[float, Field(gt=0, le=60)] = Field(
        5.0, description="How long a write queues for SQLite before it is refused with a sentence."
    )
    sign_in_days: Annotated[int, Field(ge=1, le=365)] = Field(
        30, description="Days that a sign-in lasts without use."
    )
    link_minutes: Annotated[int, Field(ge=1, le=10080)] = Field(
        60, description="Minutes that a one-time sign-in link lasts; mail may be slow."
    )
    questions_per_hour: Annotated[int, Field(ge=0, le=100_000)] = Field(
        30,
        description="Questions that a member asks in a clock hour; 0: any number. Who asks two an "
        "hour has a busy day; a script that went wrong asks hundreds.",
    )
    answers_per_hour: Annotated[int, Field(ge=0, le=100_000)] = Field(
        60, description="Answers of a member in a clock hour; 0: any number. One a minute."
    )
    comments_per_hour: Annotated[int, Field(ge=0, le=100_000)] = Field(
        120, description="Comments of a member in a clock hour; 0: any number."
    )
    flags_per_hour: Annotated[int, Field(ge=0, le=100_000)] = Field(
        30,
        description="Flags and doubts of a member in a clock hour; 0: any number. Each is work "
        "for a steward.",
    )
    links_per_hour: Annotated[int, Field(ge=0, le=100_000)] = Field(
        10,
        description="Sign-in links mailed to one e-mail address in a clock hour; 0: any number. "
        "Nobody's mailbox is to be filled by a stranger.",
    )
    evidence_days: Annotated[int, Field(ge=1, le=365)] = Field(
        90, description="Days that look-up evidence is kept; it names no person."
    )
    draft_days: Annotated[int, Field(ge=1, le=365)] = Field(
        90,
        description="Days that a draft is kept which nobody goes on with, "
        "and a picture that no post shows.",
    )
    review_days: Annotated[int, Field(ge=7, le=730)] = Field(
        180,
        description="Days until a verified answer is looked at again, where no other day is "
        "chosen; and how old an unverified one grows before somebody is asked. Half a year: tools "
        "and rules of a firm mostly hold longer, and few hold for years.",
    )
    review_days_most: Annotated[int, Field(ge=30, le=3650)] = Field(
        730,
        description="The farthest day until which an answer can be verified, from today. Who "
        "vouched two years ago may have left.",
    )
    notification_days: Annotated[int, Field(ge=30, le=3650)] = Field(
        365,
        description="Days that news stays in an inbox: what happens once a year can be found "
        "again.",
    )
    routing_people: Annotated[int, Field(ge=0, le=10)] = Field(
        3,
        description="Colleagues who are asked at first whether they know; 0: none. Of ten nobody "
        "feels meant.",
    )
    routing_more: Annotated[int, Field(ge=0, le=10)] = Field(
        2, description="Colleagues who are asked next, when nobody has answered."
    )
    routing_wait_hours: Annotated[int, Field(ge=1, le=80)] = Field(
        8,
        description="Working hours that they have, by their own clocks, before the next are asked.",
    )
    routing_take_hours: Annotated[int, Field(ge=1, le=80)] = Field(
        8, description="Working hours for which “I am on it” keeps others from being asked."
    )
    routing_per_week: Annotated[int, Field(ge=0, le=100)] = Field(
        5, description="Questions that a member is asked in a week, unless they chose a number."
    )
    routing_newcomer_every: Annotated[int, Field(ge=0, le=100)] = Field(
        5,
        description="One place in so many goes to somebody new to the subject; 0: none. Else the "
        "same few are asked for ever.",
    )
    routing_half_life_days: Annotated[int, Field(ge=7, le=3650)] = Field(
        90,
        description="Days after which an answer says half as much about who knows: people change "
        "teams, and forget.",
    )
    routing_near: Annotated[int, Field(ge=10, le=500)] = Field(
        100, description="Near questions whose answers are looked at to find who knows."
    )
    routing_fresh_days: Annotated[int, Field(ge=1, le=365)] = Field(
        14, description="Days after which nobody new is asked about a question."
    )
    routing_works_from: Annotated[int, Field(ge=0, le=23)] = Field(
        9, description="Hour at which work begins, where a member chose none."
    )
    routing_works_until: Annotated[int, Field(ge=1, le=24)] = Field(
        17, description="Hour at which work ends, later than it begins. Monday to Friday."
    )
    smtp_host: str | None = Field(None, description="Mail server; no mail is sent when empty.")
    smtp_port: Annotated[int, Field(ge=1, le=65535)] = Field(587, description="Its port.")
    smtp_user: str | None = Field(None, description="Its user name, when it wants one.")
    smtp_password: SecretStr | None = Field(None, description="Its password.")
    smtp_tls: bool = Field(True, description="STARTTLS before anything is sent.")
    mail_from: str = Field("peerqa@localhost", description="Sender of PeerQA's mail.")
    mail_per_minute: Annotated[int, Field(ge=1, le=6000)] = Field(
        120,
        description="E-mails to members that are sent in a minute at most; mail servers have "
        "limits of their own.",
    )
    allowed_networks: str = Field(
        "",
        description="Private networks that requests to LMSs may reach, comma-separated, "
        "e.g. 10.20.0.0/16; for an LMS on the premises.",
    )
    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR.")

    @model_validator(mode="after")
    def _settle(self) -> Self:
        if self.secret_key and len(self.secret_key.get_secret_value()) < 32:
            raise ValueError("PEERQA_SECRET_KEY must have at least 32 characters")
        if self.routing_works_from >= self.routing_works_until:
            raise ValueError(
                "PEERQA_ROUTING_WORKS_UNTIL must be a later hour than PEERQA_ROUTING_WORKS_FROM"
            )
        return self

    @field_validator("vectors")
    @classmethod
    def _has_its_database(cls, vectors: str, info: ValidationInfo) -> str:
        address = info.data.get("database_url")
        scheme = address.get_secret_value().partition("://")[0] if address else "sqlite"
        if vectors == "pgvector" and scheme.partition("+")[0] != "postgresql":
            raise ValueError(
                "pgvector wants PEERQA_DATABASE_URL to name a PostgreSQL (postgresql://…); "
                "set that, or faiss"
            )
        return vectors

    @field_validator("home", "model_dir")
    @classmethod
    def _from_the_working_folder(cls, path: Path) -> Path:
        # Flask-SQLAlchemy takes a relative SQLite address from a folder of its own
        return path.expanduser().absolute()

    @field_validator("allowed_networks")
    @classmethod
    def _are_networks(cls, text: str) -> str:
        _read_networks(text)
        return text

    @property
    def networks(self) -> tuple[Network, ...]:
        """The private networks that may be reached."""
        return _read_networks(self.allowed_networks)

    @property
    def database_address(self) -> str:
        """The SQLAlchemy address, SQLite in PEERQA_HOME unless another was given."""
        if self.database_url:
            address = self.database_url.get_secret_value()
            scheme, separator, rest = address.partition("://")
            return ("postgresql+psycopg" if scheme == "postgresql" else scheme) + separator + rest
        return f"sqlite:///{self.home / 'peerqa.db'}"

    @property
    def address(self) -> str:
        """Where people reach PeerQA, without a slash at the end."""
        return (self.public_url or f"http://localhost:{self.port}").rstrip("/")

    @property
    def index_dir(self) -> Path:
        """Where the vector indexes are kept; a cache, safe to delete."""
        return self.home / "index"


def _read_networks(text: str) -> tuple[Network, ...]:
    """Read what stands between commas; a ValueError names the part that is no network."""
    return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())


def read_settings(**overrides: object) -> Settings:
    """Read the environment.

    Raises:
        BadSetting: names the variable and what it wants.
    """
    try:
        return Settings(**(_secrets_from_files() | overrides))  # type: ignore[arg-type]  # pydantic checks them
    except ValidationError as error:
        first = error.errors()[0]
        name = "PEERQA_" + "_".join(str(part) for part in first["loc"]).upper()
        raise BadSetting(f"{name.rstrip('_')}: {first['msg']}.") from None


def _secrets_from_files() -> dict[str, object]:
    found: dict[str, object] = {}
    for name in SECRETS:
        path = os.environ.get(f"PEERQA_{name}_FILE")
        if not path:
            continue
        try:
            found[name.lower()] = SecretStr(Path(path).read_text(encoding="utf-8").strip())
        except OSError as error:
            raise BadSetting(f"PEERQA_{name}_FILE: {error.strerror} ({path}).") from None
        except UnicodeDecodeError:
            raise BadSetting(f"PEERQA_{name}_FILE: this is no text ({path}).") from None
    return found
