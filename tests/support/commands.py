"""The `sarcomere` command as a test runs it, against an installation of its own."""

from __future__ import annotations

from dataclasses import dataclass

from click.testing import CliRunner, Result

from capture.cli import main
from capture.config import Config


def environment(config: Config) -> dict[str, str | None]:
    """The settings that name this installation; None for those that must not be set."""
    return {
        "SARCOMERE_DATA": str(config.data),
        "SARCOMERE_SECRET_KEY": config.secret_key,
        "SARCOMERE_CONCEALMENT_KEY": config.concealment_key.hex(),
        "SARCOMERE_CHECKPOINT_KEY": config.checkpoint_key.hex(),
        "SARCOMERE_DATABASE_URL": None if config.is_sqlite else config.database_url,
        "SARCOMERE_OWNER_URL": None if config.is_sqlite else config.owner_url,
        "SARCOMERE_DEMO": None,
    }


@dataclass(frozen=True)
class Prompt:
    """Where the commands of one installation are typed."""

    config: Config

    def __call__(self, *words: object, typed: str = "") -> Result:
        typed_words = [str(word) for word in words]
        return CliRunner().invoke(main, typed_words, input=typed, env=environment(self.config))
