"""Files that somebody chose: what is kept of them, and why one is refused."""

from __future__ import annotations

import pytest

from forms.definition import FileItem
from forms.values import Attached, Refusal
from forms.values.files import describe, size_words

LETTER = FileItem(type="file", name="letter", label="Letter", max_megabytes=1)
PDF = b"%PDF-1.7\n"
PNG = b"\x89PNG\r\n\x1a\n"


def test_a_file_is_described_by_hash_size_and_name() -> None:
    # SHA-256 of the 3 bytes "abc": FIPS 180-4, the first example of its appendix B.1.
    item = FileItem(type="file", name="note", label="Note", endings=("txt",))
    found = describe(item, "note.txt", b"abc")

    assert found == Attached(
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", 3, "note.txt"
    )


@pytest.mark.parametrize(
    "sent", ["letter.pdf", r"C:\fakepath\letter.pdf", "/folder/letter.pdf", "../../letter.pdf"]
)
def test_folders_before_a_name_are_left_out(sent: str) -> None:
    found = describe(LETTER, sent, PDF)

    assert isinstance(found, Attached)
    assert found.name == "letter.pdf"


@pytest.mark.parametrize(
    "name, content",
    [
        ("LETTER.PDF", PDF),
        ("scan.jpeg", b"\xff\xd8\xff\xe0"),
        ("scan.jpg", b"\xff\xd8\xff\xdb"),
        ("plan.png", PNG),
        ("late.pdf", b"\n" * 900 + PDF),
        ("Überweisung 日本.pdf", PDF),
        ("full.pdf", PDF.ljust(1_048_576, b" ")),
    ],
)
def test_what_is_right_is_taken(name: str, content: bytes) -> None:
    assert isinstance(describe(LETTER, name, content), Attached)


@pytest.mark.parametrize(
    "name, content, words",
    [
        ("letter.pdf", b"", "is empty"),
        ("letter.exe", PDF, "not of the right kind; choose a file that is PDF, PNG or JPG"),
        ("letter", PDF, "not of the right kind"),
        ("letter.pdf.exe", PDF, "not of the right kind"),
        ("letter.pdf", PNG, "is called PDF but is none inside"),
        ("plan.png", PDF, "is called PNG but is none inside"),
        ("scan.jpg", PNG, "is called JPG but is none inside"),
        ("letter.pdf", PDF.ljust(1_048_577, b" "), "larger than 1 MB"),
        ("x" * 496 + ".pdf", PDF, "has 500 letters and may have 200"),
        ("", PDF, "has no name"),
        ("folder/", PDF, "has no name"),
        ("let\x00ter.pdf", PDF, "U+0000"),
        ("let\nter.pdf", PDF, "U+000A"),
        ("fdp.\u202eexe.pdf", PDF, "U+202E"),
    ],
)
def test_what_is_wrong_is_refused_with_what_to_do(name: str, content: bytes, words: str) -> None:
    found = describe(LETTER, name, content)

    assert isinstance(found, Refusal)
    assert found.words.startswith("Letter: ")
    assert words in found.words


@pytest.mark.parametrize(
    "size, words",
    [(0, "0 bytes"), (1, "1 byte"), (1_023, "1023 bytes"), (2_048, "2 kB"), (1_572_864, "1.5 MB")],
)
def test_sizes_are_said_as_people_read_them(size: int, words: str) -> None:
    assert size_words(size) == words
