"""The key of a design version, made by two sides, and the commitment published beforehand."""

from __future__ import annotations

import hashlib
import hmac

from randomiser.design import Design, canonical
from randomiser.problems import KeyProblem, require_length

PURPOSE = b"sarcomere-list-key-2"
"""Of key format 2; a key of another purpose or format never equals one of these."""


def combine(r: bytes, v: bytes) -> bytes:
    """Return K = HMAC-SHA-256(key R, PURPOSE ‖ 0 ‖ v): 32 bytes that neither side could choose.

    A plain SHA-256(R ‖ v) would not do: SHA-256(R) has been shown by then, and length extension
    would give the person who chooses v the hash for some v without knowing R.

    r: the server's 32 random bytes, committed to before v is known.
    v: the second person's value, at least one byte.
    Raises KeyProblem. Source: docs/randomisation-protocol.md section 4.
    """
    require_length("R", r)
    if not v:
        raise KeyProblem("The second person's value is empty; at least one character is needed.")
    return hmac.digest(r, PURPOSE + b"\0" + v, "sha256")


def commit_r(r: bytes) -> bytes:
    """Return SHA-256(R), recorded before the second person gives v. Raises KeyProblem."""
    require_length("R", r)
    return hashlib.sha256(r).digest()


def commitment(design: Design, key: bytes, salt: bytes) -> bytes:
    """Return SHA-256(canonical design ‖ K ‖ salt), printed on the certificate.

    key, salt: 32 bytes each; because of the fixed lengths the joined bytes are unambiguous.
    Raises KeyProblem. Source: docs/randomisation-protocol.md section 4.
    """
    require_length("The key", key)
    require_length("The salt", salt)
    return hashlib.sha256(canonical(design) + key + salt).digest()
