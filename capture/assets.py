"""Builds the third-party page assets from the locked npm packages: `python -m capture.assets`."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from capture.css_subset import classes_in, only_used

NHSUK_VERSION = "10.6.1"
VENDOR_FOLDER = f"nhsuk-{NHSUK_VERSION}"
ROOT = Path(__file__).resolve().parent.parent
STATIC = Path(__file__).resolve().parent / "static"

FONT_FACE = re.compile(r"@font-face\{[^}]*Frutiger[^}]*\}")
ICON_PATH = re.compile(r"/assets/images/(nhsuk-icon-[a-z-]+\.svg)")
SOURCE_MAP = re.compile(r"/\*#\s*sourceMappingURL=[^*]*\*/")
IMPORTED = re.compile(r"import \{([^}]+)\} from \"\./vendor/")
FONT_FACES = 2
LICENCE = """\
nhsuk-frontend {version}
Source: the npm package nhsuk-frontend. Licence: MIT.

Copyright (c) 2019 NHS.UK

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and
associated documentation files (the "Software"), to deal in the Software without restriction,
including without limitation the rights to use, copy, modify, merge, publish, distribute,
sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or
substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT
NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND
NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM,
DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT
OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.

Changed here: the two font faces, the font's name, rules and scripts of components that are not used
and the source-map comments are taken out, and icon addresses are relative.
"""


class AssetProblem(Exception):
    """The npm package is missing or is not the release this build was written for."""


@dataclass(frozen=True)
class Stylesheet:
    """The stylesheet as we serve it, and the names of the icons that it asks for."""

    text: str
    icons: tuple[str, ...]


def clean_stylesheet(css: str, used: Collection[str]) -> Stylesheet:
    """Take out what our content security policy and the font's licence forbid, and what is unused.

    used: the blocks of NHS.UK that our pages name (see `classes_in`).
    """
    without_fonts, removed = FONT_FACE.subn("", css)
    if removed != FONT_FACES:
        raise AssetProblem(
            f"expected {FONT_FACES} Frutiger font faces in the stylesheet, found {removed}"
        )
    named = only_used(without_fonts.replace("Frutiger W01,", ""), used)
    icons = tuple(sorted(set(ICON_PATH.findall(named))))
    text = SOURCE_MAP.sub("", ICON_PATH.sub(r"\1", named)).strip() + "\n"
    _refuse_foreign_addresses(text)
    return Stylesheet(text=text, icons=icons)


def names_imported(script: str) -> list[str]:
    """What a script of ours takes from the NHS.UK frontend. Raises AssetProblem for nothing."""
    found = IMPORTED.search(script)
    if found is None:
        raise AssetProblem("capture/static/sarcomere.js imports nothing from nhsuk-frontend")
    return [name.strip() for name in found[1].split(",")]


def bundle(root: Path, names: Collection[str]) -> bytes:
    """Return the named parts of the NHS.UK frontend as one small script, by esbuild.

    Raises AssetProblem when esbuild is missing or refuses.
    """
    programs = sorted(root.glob("node_modules/@esbuild/*/bin/esbuild"))
    if not programs:
        raise AssetProblem("node_modules/@esbuild is missing: run `npm ci` first")
    done = subprocess.run(  # noqa: S603  (the program of the locked package, no words of a user)
        [programs[0], "--bundle", "--minify", "--format=esm", "--legal-comments=none"],
        input=f"export {{ {', '.join(names)} }} from 'nhsuk-frontend';".encode(),
        capture_output=True,
        check=False,
        cwd=root,
    )
    if done.returncode:
        raise AssetProblem(done.stderr.decode(errors="replace"))
    return done.stdout


def build(root: Path = ROOT, static: Path = STATIC) -> dict[str, str]:
    """Write the vendor folder anew and return the SHA-256 of each file in it, by name."""
    package = root / "node_modules" / "nhsuk-frontend"
    _require_release(package)
    files = _collect(root, package / "dist" / "nhsuk")
    hashes = {name: hashlib.sha256(data).hexdigest() for name, data in sorted(files.items())}
    _replace_folder(static / "vendor" / VENDOR_FOLDER, files, hashes)
    return hashes


def _collect(root: Path, dist: Path) -> dict[str, bytes]:
    css = (dist / "nhsuk-frontend.min.css").read_text("utf-8")
    stylesheet = clean_stylesheet(css, classes_in((ROOT / "capture", ROOT / "forms")))
    names = names_imported((STATIC / "sarcomere.js").read_text("utf-8"))
    files = {
        "nhsuk-frontend.min.css": stylesheet.text.encode(),
        "nhsuk-frontend.min.js": bundle(root, names),
        "LICENCE.txt": LICENCE.format(version=NHSUK_VERSION).encode(),
    }
    for icon in stylesheet.icons:
        files[icon] = (dist / "assets" / "images" / icon).read_bytes()
    return files


def _replace_folder(folder: Path, files: dict[str, bytes], hashes: dict[str, str]) -> None:
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)
    (folder / "SHA256.json").write_text(
        json.dumps(hashes, indent=2, sort_keys=True) + "\n", "utf-8"
    )


def _require_release(package: Path) -> None:
    manifest = package / "package.json"
    if not manifest.is_file():
        raise AssetProblem("node_modules/nhsuk-frontend is missing: run `npm ci` first")
    version = json.loads(manifest.read_text("utf-8"))["version"]
    if version != NHSUK_VERSION:
        raise AssetProblem(f"nhsuk-frontend is {version}; this build is for {NHSUK_VERSION}")


def _refuse_foreign_addresses(text: str) -> None:
    for forbidden in ("Frutiger", "assets.nhs.uk", "/assets/images", "data:"):
        if forbidden in text:
            raise AssetProblem(f"the stylesheet still holds {forbidden!r}")


def main() -> int:
    """Build, say what was built, and answer 1 in words when it cannot be done."""
    try:
        hashes = build()
    except (AssetProblem, OSError) as problem:
        sys.stderr.write(f"Page assets: {problem}\n")
        return 1
    sys.stdout.write(f"Page assets: {len(hashes)} files in static/vendor/{VENDOR_FOLDER}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
