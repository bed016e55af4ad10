"""What the environment decides: read once, frozen, and without a default for anything secret."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa

from capture.problems import ConfigurationProblem

KEY_BYTES = 32
FILE = "sarcomere.sqlite"
DRIVERS = ("postgresql+psycopg", "sqlite")


@dataclass(frozen=True)
class Config:
    """The settings of one installation.

    secret_key signs forms' tokens; concealment_key (32 bytes) encrypts designs, keys and restricted
    bodies; checkpoint_key (32 bytes) is the Ed25519 seed that signs tree heads; proxies: how many
    reverse proxies of ours stand in front and name the browser's address in X-Forwarded-For.
    """

    data: Path
    database_url: str = field(repr=False)
    owner_url: str = field(repr=False)
    secret_key: str = field(repr=False)
    concealment_key: bytes = field(repr=False)
    checkpoint_key: bytes = field(repr=False)
    demo: bool = False
    proxies: int = 0

    @property
    def is_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> Config:
        """Read the SARCOMERE_… settings; a missing or malformed one stops the start by name."""
        data = Path(environ.get("SARCOMERE_DATA") or "var").resolve()
        demo = environ.get("SARCOMERE_DEMO", "") == "1"
        url = environ.get("SARCOMERE_DATABASE_URL", "")
        if demo and url:
            raise ConfigurationProblem(
                "SARCOMERE_DEMO is set together with SARCOMERE_DATABASE_URL. The demonstration "
                "keeps its own database in its data folder; unset one of the two."
            )
        return cls(
            data=data,
            database_url=_url("SARCOMERE_DATABASE_URL", url) or f"sqlite:///{data / FILE}",
            owner_url=_url("SARCOMERE_OWNER_URL", environ.get("SARCOMERE_OWNER_URL", "")),
            secret_key=_secret(environ, "SARCOMERE_SECRET_KEY"),
            concealment_key=_key(environ, "SARCOMERE_CONCEALMENT_KEY"),
            checkpoint_key=_key(environ, "SARCOMERE_CHECKPOINT_KEY"),
            demo=demo,
            proxies=_proxies(environ.get("SARCOMERE_PROXIES") or "0"),
        )


def _url(name: str, text: str) -> str:
    """Return a database's address as SQLAlchemy takes it; empty where none is set."""
    url = _driver(text)
    try:
        known = sa.make_url(url) if url else None
        is_known = known is None or (known.drivername in DRIVERS and bool(known.database))
    except (sa.exc.ArgumentError, ValueError):
        is_known = False
    if not is_known:
        # Without its cause: the address holds a password.
        raise ConfigurationProblem(
            f"{name} must be a database's address such as postgresql://NAME:PASSWORD@HOST/DATABASE."
        ) from None
    return url


def _driver(url: str) -> str:
    """Say psycopg 3 where a URL only says PostgreSQL."""
    for scheme in ("postgresql://", "postgres://"):
        if url.startswith(scheme):
            return "postgresql+psycopg://" + url.removeprefix(scheme)
    return url


def _secret(environ: Mapping[str, str], name: str) -> str:
    value = environ.get(name, "")
    if not value and (file := environ.get(f"{name}_FILE", "")):
        value = _content(name, Path(file))
    if not value:
        raise ConfigurationProblem(
            f"{name} is not set. Set it, or {name}_FILE to a file that holds it; README, "
            "“Environment”, says how to make one."
        )
    return value


def _content(name: str, path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as problem:
        raise ConfigurationProblem(f"{name}_FILE cannot be read: {problem}") from problem


def _proxies(text: str) -> int:
    if text not in ("0", "1", "2", "3"):
        raise ConfigurationProblem(
            "SARCOMERE_PROXIES must be the number of proxies in front, 0 to 3."
        )
    return int(text)


def _key(environ: Mapping[str, str], name: str) -> bytes:
    text = _secret(environ, name)
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise ConfigurationProblem(f"{name} must be {2 * KEY_BYTES} hexadecimal characters.")
    return key
