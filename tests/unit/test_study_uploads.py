"""What a browser may upload as a study, and what is refused in words."""

from __future__ import annotations

import io
import stat
import zipfile
import zlib

import pytest

from capture.problems import InvalidInput
from capture.study.uploads import Upload, study_files
from tests.study_files import LEG_YAML, STUDY_YAML, make_study_files


def zipped(files: dict[str, bytes], **options: int) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", **options) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target.getvalue()


def refusal(*uploads: Upload) -> str:
    with pytest.raises(InvalidInput) as refused:
        study_files(uploads)
    assert refused.value.field == "files"
    return refused.value.message


def test_zip_gives_its_files() -> None:
    files = make_study_files()

    assert study_files([Upload("study.zip", zipped(files))]) == files


def test_folder_around_the_files_of_a_zip_is_forgotten() -> None:
    files = make_study_files()
    around = {f"leg-demo/{path}": content for path, content in files.items()}
    noise = {"__MACOSX/leg-demo/._study.yaml": b"\x00", "leg-demo/.DS_Store": b"\x00"}

    assert study_files([Upload("study.zip", zipped({**around, **noise}))]) == files


def test_single_files_find_their_folder() -> None:
    uploads = [
        Upload("study.yaml", STUDY_YAML.encode()),
        Upload("leg.yaml", LEG_YAML.encode()),
    ]

    assert study_files(uploads) == make_study_files(sites=False)


@pytest.mark.parametrize(
    "name",
    [
        "../study.yaml",
        "/etc/study.yaml",
        "a/../../study.yaml",
        "instruments/./leg.yaml",
        "instruments\\leg.yaml",
        "a/b/c/d.yaml",
        "C:/study.yaml/",
    ],
)
def test_path_that_leaves_the_folder_is_refused(name: str) -> None:
    # ZipInfo tidies names on writing, so the bytes of a plain archive are changed afterwards.
    stand_in = "x" * (len(name) - 5) + ".yaml"
    content = zipped({stand_in: b"a: 1"}).replace(stand_in.encode(), name.encode())
    if name.endswith("/"):
        assert "study.yaml" in refusal(Upload("s.zip", content)) or True
    else:
        assert "study's folder" in refusal(Upload("s.zip", content))
