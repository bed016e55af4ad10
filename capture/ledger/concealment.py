"""Encryption under the concealment key, for what nobody may read in the database."""

from __future__ import annotations

import hashlib
import hmac

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from capture import ids
from capture.ledger.canonical import Value, canonical
from capture.problems import ConfigurationProblem

MARK = "concealed:"
NONCE_BYTES = 12
PADDED_TO = 256
"""Concealed values are filled up with spaces, so that their length does not tell block sizes."""


class Concealment:
    """AES-256-GCM under one 32-byte key; what it protects is named as associated data."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)
        self._tagging = hashlib.sha256(b"sarcomere tags\n" + key).digest()

    def conceal(self, value: Value, purpose: str) -> str:
        """Encrypt a JSON value; `purpose` (the ledger id, say) must be given again to reveal it."""
        nonce, plain = ids.random_bytes(NONCE_BYTES), canonical(value)
        plain += b" " * (-len(plain) % PADDED_TO)
        sealed = self._cipher.encrypt(nonce, plain, purpose.encode())
        return MARK + (nonce + sealed).hex()

    def tag(self, text: str) -> str:
        """A keyed hash: whoever has the key can recognise the text, nobody else learns it."""
        return hmac.new(self._tagging, text.encode(), hashlib.sha256).hexdigest()

    def reveal(self, text: str, purpose: str) -> Value:
        """Decrypt; raises ConfigurationProblem for another key or a changed text."""
        raw = bytes.fromhex(text.removeprefix(MARK))
        try:
            plain = self._cipher.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], purpose.encode())
        except InvalidTag as problem:
            raise ConfigurationProblem(
                "A concealed value cannot be opened: SARCOMERE_CONCEALMENT_KEY is not the key it "
                "was concealed with, or the value was changed."
            ) from problem
        value: Value = orjson.loads(plain)
        return value


def is_concealed(value: object) -> bool:
    return isinstance(value, str) and value.startswith(MARK)
