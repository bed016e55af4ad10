"""The `sarcomere` command as a test runs it, against an installation of its own."""

from __future__ import annotations

import os
from dataclasses import dataclass
from unittest.mock import patch

from click.testing import CliRunner, Result

from capture.cli import main
from capture.config import Config


def environment(config: Config) -> dict[str, str]:
    """The settings that name this installation."""
    named = {
        "SARCOMERE_DATA": str(config.data),
        "SARCOMERE_SECRET_KEY": config.secret_key,
        "SARCOMERE_CONCEALMENT_KEY": config.concealment_key.hex(),
        "SARCOMERE_CHECKPOINT_KEY": config.checkpoint_key.hex(),
    }
    if config.is_sqlite:
        return named
    return {
        **named,
        "SARCOMERE_DATABASE_URL": config.database_url,
        "SARCOMERE_OWNER_URL": config.owner_url,
    }


@dataclass(frozen=True)
class Prompt:
    """Where the commands of one installation are typed."""

    config: Config

    def __call__(self, *words: object, typed: str = "") -> Result:
        settings = {name: value for name, value in os.environ.items() if "SARCOMERE" not in name}
        with patch.dict(os.environ, {**settings, **environment(self.config)}, clear=True):
            return CliRunner().invoke(main, [str(word) for word in words], input=typed)
