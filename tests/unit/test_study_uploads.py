"""What a browser may upload as a study, and what is refused in words."""

from __future__ import annotations

import io
import stat
import zipfile
import zlib

import pytest

from capture.problems import InvalidInput
from capture.study.uploads import Upload, read_study_files
from tests.support.study_files import LEG_YAML, STUDY_YAML, make_study_files


def zipped(files: dict[str, bytes], **options: int) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", **options) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target.getvalue()


def refusal(*uploads: Upload) -> str:
    with pytest.raises(InvalidInput) as refused:
        read_study_files(uploads)
    assert refused.value.field == "files"
    return refused.value.message


def test_zip_gives_its_files() -> None:
    files = make_study_files()

    assert read_study_files([Upload("study.zip", zipped(files))]) == files


def test_folder_around_the_files_of_a_zip_is_forgotten() -> None:
    files = make_study_files()
    around = {f"leg-demo/{path}": content for path, content in files.items()}
    noise = {"__MACOSX/leg-demo/._study.yaml": b"\x00", "leg-demo/.DS_Store": b"\x00"}

    assert read_study_files([Upload("study.zip", zipped({**around, **noise}))]) == files


def test_single_files_find_their_folder() -> None:
    uploads = [
        Upload("study.yaml", STUDY_YAML.encode()),
        Upload("leg.yaml", LEG_YAML.encode()),
    ]

    assert read_study_files(uploads) == make_study_files(sites=False)


@pytest.mark.parametrize(
    "name",
    [
        "../study.yaml",
        "/etc/study.yaml",
        "a/../../study.yaml",
        "instruments/./leg.yaml",
        "instruments\\leg.yaml",
        "a/b/c/d.yaml",
        "docs/study.yaml",
    ],
)
def test_path_that_leaves_the_folder_is_refused(name: str) -> None:
    # ZipInfo tidies names on writing, so the bytes of a plain archive are changed afterwards.
    stand_in = "x" * (len(name) - 5) + ".yaml"
    beside = {"study.yaml": b"a: 1", stand_in: b"a: 1"}
    content = zipped(beside).replace(stand_in.encode(), name.encode())

    assert "outside a study's folder" in refusal(Upload("s.zip", content))


@pytest.mark.parametrize(
    "name", ["notes.txt", "study.yml", "a b.yaml", ".hidden.yaml", "étude.yaml"]
)
def test_file_that_no_study_has_is_refused_by_its_name(name: str) -> None:
    assert repr(name) in refusal(Upload(name, b"a: 1"))
    assert repr(name) in refusal(Upload("s.zip", zipped({name: b"a: 1"})))


def test_link_in_a_zip_is_refused() -> None:
    entry = zipfile.ZipInfo("study.yaml")
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr(entry, "/etc/passwd")

    assert "not a file of a study" in refusal(Upload("s.zip", target.getvalue()))


@pytest.mark.slow
def test_zip_bomb_is_refused_whatever_size_it_claims() -> None:
    bomb = zipped({"study.yaml": b"\x00" * 50_000_000}, compression=zipfile.ZIP_DEFLATED)
    claimed = (50_000_000).to_bytes(4, "little")
    lying = bomb.replace(claimed, (100).to_bytes(4, "little"))

    assert len(bomb) < 100_000
    assert "larger than 1 MB" in refusal(Upload("s.zip", bomb))
    assert "'s.zip'" in refusal(Upload("s.zip", lying))


def test_zip_of_many_files_or_of_much_in_all_is_refused() -> None:
    many = {f"f{number}.yaml": b"" for number in range(201)}
    much = {f"f{number}.yaml": b" " * 900_000 for number in range(6)}

    assert "more than 200 files" in refusal(Upload("s.zip", zipped(many)))
    packed = zipped(much, compression=zipfile.ZIP_DEFLATED)
    assert "5 MB in all" in refusal(Upload("s.zip", packed))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK",
        b"not a zip at all",
        zipped({"study.yaml": b"a: 1"})[:-30],
        zipped({"study.yaml": b"a: 1" * 99}, compression=zipfile.ZIP_LZMA).replace(
            b"\x05\x00]", b"\x05\x00\xff"
        ),
        zipped({"study.yaml": zlib.compress(b"a" * 99)}).replace(b"x\x9c", b"\x00\x00"),
    ],
    ids=["empty", "two letters", "text", "cut off", "bad lzma", "bad deflate"],
)
def test_broken_zip_is_refused(content: bytes) -> None:
    assert "cannot be opened as a zip file" in refusal(Upload("s.zip", content))


def test_locked_zip_is_refused() -> None:
    plain = bytearray(zipped({"study.yaml": b"a: 1"}))
    plain[plain.index(b"PK\x01\x02") + 8] |= 1

    assert "locked with a password" in refusal(Upload("s.zip", bytes(plain)))


def test_nothing_chosen_and_mixed_kinds_are_refused() -> None:
    archive = Upload("s.zip", zipped({"study.yaml": b"a: 1"}))

    assert "Choose the study's files" in refusal(Upload("", b""))
    assert "not both" in refusal(archive, Upload("study.yaml", b"a: 1"))
    assert "Two files are called study.yaml" in refusal(
        Upload("study.yaml", b"a: 1"), Upload("study.yaml", b"a: 2")
    )
