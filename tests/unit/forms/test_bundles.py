"""A published study: canonical bytes that hold everything, loaded again without the folder."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import pytest

from forms.bundle import bundle, unbundle
from forms.load import BUNDLED_STUDIES, load_sites, load_study, read_folder
from forms.problems import DefinitionProblems
from forms.schema import schema_text
from tests.unit.forms.studies import SMALL, changed, gist, small_files

FOLDER = BUNDLED_STUDIES / "gist-imatinib"


def test_a_bundle_gives_the_same_study_without_its_folder_or_the_library() -> None:
    published = bundle(read_folder(FOLDER))
    files = unbundle(published.content)

    assert load_study(files) == gist()
    assert "library/haematology.yaml" in files
    assert "sites.yaml" not in files


def test_the_hash_is_that_of_the_bytes_whatever_the_order_of_the_files() -> None:
    files = small_files()
    backwards = dict(reversed(list(files.items())))

    assert bundle(files) == bundle(backwards)
    assert bundle(files).sha256 == sha256(bundle(files).content).hexdigest()
    assert unbundle(bundle(files).content) == files


def test_one_changed_character_changes_the_hash() -> None:
    assert bundle(changed("plan.yaml", "Is an adult", "Is an adult.")) != bundle(small_files())


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"[]", b"\xff", b'{"format":"sarcomere-study-1","files":{"a":1}}']
)
def test_what_is_no_bundle_is_refused(content: bytes) -> None:
    with pytest.raises(DefinitionProblems, match="not a published study"):
        unbundle(content)


@pytest.mark.parametrize("path", ["../study.yaml", "/etc/passwd", "a/b.yaml", "study.yaml\n", "x"])
def test_a_path_that_is_none_of_a_study_is_refused(path: str) -> None:
    with pytest.raises(DefinitionProblems):
        bundle({path: b"a: b"})


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(DefinitionProblems, match="there is no folder"):
        read_folder(tmp_path / "nowhere")


def test_a_library_instrument_is_taken_with_the_changes_of_the_study(tmp_path: Path) -> None:
    _write(
        tmp_path, "use: haematology\ntitle: Blood\ndrop: [wbc]\nitems:\n  plt: {label: Plates}\n"
    )
    blood = load_study(read_folder(tmp_path)).instrument("haematology")

    assert blood.title == "Blood"
    assert "wbc" not in blood.value_items
    assert blood.item("plt").label == "Plates"


def test_a_change_to_an_item_the_library_does_not_have_is_told(tmp_path: Path) -> None:
    _write(tmp_path, "use: haematology\ndrop: [wbc, platelets]\n")

    with pytest.raises(DefinitionProblems) as caught:
        load_study(read_folder(tmp_path))

    assert "instruments/blood.yaml:2: the library instrument has no item 'platelets'" in str(
        caught.value
    )


def _write(folder: Path, instrument: str) -> None:
    (folder / "instruments").mkdir()
    for path, text in SMALL.items():
        (folder / path).write_text(text.replace("[checkup]", "[checkup, haematology]"))
    # Without white cells the check that compares neutrophils with them goes too.
    anc = "  anc: {checks: []}\n"
    text = instrument + anc if "items:" in instrument else instrument
    (folder / "instruments" / "blood.yaml").write_text(text)


@pytest.mark.parametrize(
    "wrong, words",
    [("zone: Mars/Olympus", "no time zone"), ("approved_consents: {main: ['9']}", "no version 9")],
)
def test_a_site_that_could_not_work_is_told(wrong: str, words: str) -> None:
    zone = "" if wrong.startswith("zone") else "zone: Europe/Oslo, "
    text = f"sites:\n  - {{slug: far, name: Far, {zone}attributes: {{country: fi}}, {wrong}}}\n"

    with pytest.raises(DefinitionProblems, match=words):
        load_sites({"sites.yaml": text.encode()}, gist())


def test_a_site_without_what_its_study_needs_is_told() -> None:
    text = "sites:\n  - {slug: far, name: Far, zone: Europe/London, attributes: {country: fr}}\n"

    with pytest.raises(DefinitionProblems, match=r"sites\.yaml:2: site far needs `country`"):
        load_sites({"sites.yaml": text.encode()}, gist())


def test_the_published_schema_is_current() -> None:
    kept = Path(__file__).parents[3] / "docs" / "study.schema.json"

    assert kept.read_text(encoding="utf-8") == schema_text(), (
        "write forms.schema.schema_text() to docs/study.schema.json again"
    )
    assert json.loads(schema_text())["anyOf"]
