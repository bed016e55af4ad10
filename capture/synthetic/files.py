"""Invented files for items that take one: small, of the right kind, the same for the same name."""

from __future__ import annotations

import zlib


def bytes_of(name: str) -> bytes:
    """Return what a file of this name holds: its name, in a page or a picture where it is one."""
    words = f"Synthetic file {name}".encode()
    match name.rpartition(".")[2]:
        case "pdf":
            return _pdf(words)
        case "png":
            return _png(words)
        case "jpg" | "jpeg":
            comment = b"\xff\xfe" + (len(words) + 2).to_bytes(2) + words
            return b"\xff\xd8" + comment + b"\xff\xd9"
        case _:
            return words + b"\n"


def _pdf(words: bytes) -> bytes:
    """One page with one line (ISO 32000-1, 7.5)."""
    drawn = b"BT /F1 12 Tf 40 100 Td (" + words + b") Tj ET"
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 420 200]/Contents 4 0 R"
        b"/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(drawn), drawn),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    )
    made, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(made))
        made += b"%d 0 obj%s endobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    end = b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (size, len(made))
    return made + b"xref\n0 %d\n0000000000 65535 f \n" % size + table + end


def _png(words: bytes) -> bytes:
    """One grey point with a comment; stored and not squeezed, so that its bytes never change."""
    point = b"\x78\x01\x01\x02\x00\xfd\xff\x00\x80" + zlib.adler32(b"\x00\x80").to_bytes(4)
    header = b"\x00\x00\x00\x01" * 2 + b"\x08\x00\x00\x00\x00"
    chunks = (
        (b"IHDR", header),
        (b"tEXt", b"Comment\x00" + words),
        (b"IDAT", point),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        len(content).to_bytes(4) + kind + content + zlib.crc32(kind + content).to_bytes(4)
        for kind, content in chunks
    )
