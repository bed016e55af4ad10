"""Third-party assets are built without fonts, foreign addresses or source maps."""

from __future__ import annotations

import hashlib
import json
from importlib.metadata import version
from pathlib import Path

import pytest

from capture.assets import (
    NHSUK_VERSION,
    ROOT,
    VENDOR_FOLDER,
    AssetProblem,
    build,
    bundle,
    clean_stylesheet,
    names_imported,
)
from capture.css_subset import SELECTED, classes_in, only_used

FACE = "@font-face{font-family:Frutiger W01;src:url(https://assets.nhs.uk/a.woff2)}"
BODY = "html{font-family:Frutiger W01,arial,sans-serif}"
ICON = ".x{background:url(/assets/images/nhsuk-icon-cross.svg)}"


def test_fonts_and_source_maps_go_and_icons_become_relative() -> None:
    cleaned = clean_stylesheet(f"{FACE}{FACE}{BODY}{ICON}\n/*# sourceMappingURL=a.css.map */", ())

    assert cleaned.text == (
        "html{font-family:arial,sans-serif}.x{background:url(nhsuk-icon-cross.svg)}\n"
    )
    assert cleaned.icons == ("nhsuk-icon-cross.svg",)


@pytest.mark.parametrize("count", [0, 1, 3])
def test_another_number_of_font_faces_stops_the_build(count: int) -> None:
    with pytest.raises(AssetProblem, match=f"expected 2 Frutiger font faces .* found {count}"):
        clean_stylesheet(FACE * count + BODY, ())


def test_an_address_of_another_kind_stops_the_build() -> None:
    with pytest.raises(AssetProblem, match="data:"):
        clean_stylesheet(f"{FACE}{FACE}.y{{background:url(data:image/png;base64,AA)}}", ())


def test_rules_for_what_no_page_uses_are_left_out() -> None:
    css = (
        "@charset 'utf-8';body{margin:0}.nhsuk-tag,.nhsuk-hero{color:red}.nhsuk-hero a{color:blue}"
        "@media print{.nhsuk-hero{display:none}}@media print{.nhsuk-tag--red{display:none}}"
        "a:not(.nhsuk-hero,.b){top:0}.nhsuk-u-margin-1{margin:1px}"
    )

    assert only_used(css, {"tag"}) == (
        "@charset 'utf-8';body{margin:0}.nhsuk-tag{color:red}"
        "@media print{.nhsuk-tag--red{display:none}}a:not(.nhsuk-hero,.b){top:0}"
    )


def test_every_class_of_our_pages_that_the_release_knows_is_in_what_is_built(
    tmp_path: Path,
) -> None:
    build(ROOT, tmp_path)
    known = (ROOT / "node_modules/nhsuk-frontend/dist/nhsuk/nhsuk-frontend.min.css").read_text()
    built = (tmp_path / "vendor" / VENDOR_FOLDER / "nhsuk-frontend.min.css").read_text()
    used = classes_in((ROOT / "capture", ROOT / "forms"))

    assert {"radios", "error-summary", "u-visually-hidden"} <= used
    assert used & set(SELECTED.findall(known)) == used & set(SELECTED.findall(built))


def test_the_script_holds_what_is_imported_and_no_source_map() -> None:
    used = names_imported('import { createAll, Button } from "./vendor/x/y.min.js";')
    script = bundle(ROOT, used).decode()

    assert used == ["createAll", "Button"]
    assert "nhsuk-button" in script
    assert "nhsuk-tabs" not in script
    assert "sourceMappingURL" not in script


def test_a_component_that_the_release_does_not_have_stops_the_build() -> None:
    with pytest.raises(AssetProblem, match="Carousel"):
        bundle(ROOT, ["Carousel"])


def test_a_script_without_components_stops_the_build() -> None:
    with pytest.raises(AssetProblem, match="imports nothing"):
        names_imported("let a = 1;")


def test_a_missing_package_is_told_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(AssetProblem, match="run `npm ci` first"):
        build(tmp_path, tmp_path)


def test_another_release_is_refused(tmp_path: Path) -> None:
    package = tmp_path / "node_modules" / "nhsuk-frontend"
    package.mkdir(parents=True)
    (package / "package.json").write_text('{"version": "11.0.0"}')

    with pytest.raises(AssetProblem, match=r"nhsuk-frontend is 11\.0\.0"):
        build(tmp_path, tmp_path)


def test_the_built_folder_lists_the_hash_of_every_file(tmp_path: Path) -> None:
    build(ROOT, tmp_path)

    folder = tmp_path / "vendor" / VENDOR_FOLDER
    hashes = json.loads((folder / "SHA256.json").read_text())
    files = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}
    files.pop("SHA256.json")
    assert hashes == files


def test_the_lock_names_the_release_and_no_host() -> None:
    text = (ROOT / "package-lock.json").read_text()

    assert json.loads(text)["packages"]["node_modules/nhsuk-frontend"]["version"] == NHSUK_VERSION
    assert "resolved" not in text
    assert "://" not in text


def test_the_templates_are_those_of_the_same_release() -> None:
    """nhsuk-frontend-jinja 0.10.2 says in its table that it matches nhsuk-frontend 10.6.1."""
    assert (version("nhsuk-frontend-jinja"), NHSUK_VERSION) == ("0.10.2", "10.6.1")


def test_our_own_files_ask_nothing_of_another_host() -> None:
    own = [path for path in (ROOT / "capture" / "static").glob("*.*") if path.suffix != ".svg"]

    for path in own:
        text = path.read_text()
        assert "http" not in text, path.name
        assert "data:" not in text, path.name
