"""Files beside the database that only grow: checkpoints and receipts, a line each."""

from __future__ import annotations

import errno
import os
from pathlib import Path


def append_line(path: Path, line: str, *, mode: int = 0o666) -> None:
    """One line in one write, on the disk; begun anew so that a line cut short spoils no other.

    mode: of a file that is not there yet. Raises OSError, also where the disk took only a part.
    """
    content = f"\n{line}\n".encode()
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, mode)
    try:
        if os.write(handle, content) < len(content):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        os.fsync(handle)
    finally:
        os.close(handle)
