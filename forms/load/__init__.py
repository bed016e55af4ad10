"""Loading a study: from the bytes of its files to a checked, frozen definition."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from forms.checks import prove
from forms.checks.context import CheckContext
from forms.checks.names import known_zones
from forms.definition import Site, Study
from forms.load.library import LIBRARY
from forms.load.study_files import INSTRUMENTS, SITES_FILE, STUDY_FILE, build_study
from forms.load.study_files import read_nodes as _read_nodes
from forms.load.study_files import study_node as _study_node
from forms.load.words import problems_of
from forms.load.yaml_text import MAX_BYTES
from forms.problems import DefinitionProblems, Problem
from forms.yaml_tree import Node

__all__ = ["BUNDLED_STUDIES", "Proof", "load_sites", "load_study", "read_folder"]

BUNDLED_STUDIES = Path(__file__).parent.parent / "studies"
_LIBRARY_FOLDER = Path(__file__).parent.parent / "library"


Proof = Callable[[CheckContext], None]
"""Notes what is wrong with a study that the models accepted."""


def load_study(files: Mapping[str, bytes], further: Iterable[Proof] = ()) -> Study:
    """Load and prove a study from its files, as `read_folder` or `unbundle` give them.

    files: bytes by path inside the folder: `study.yaml`, other top-level files with its parts,
        `instruments/*.yaml`, and the library's instruments as `library/*.yaml`.
    further: proofs that need more than this package has, such as the randomiser's.
    Raises DefinitionProblems with every problem found, each as `file:line: words`.
    """
    problems: list[Problem] = []
    if STUDY_FILE not in files:
        raise DefinitionProblems([Problem(STUDY_FILE, 1, "the file is missing from the folder")])
    if not any(file.startswith(INSTRUMENTS) for file in files):
        words = f"the study has no forms; put one file for each into the folder {INSTRUMENTS}"
        problems.append(Problem(STUDY_FILE, 1, words))
    nodes = _read_nodes(files, problems)
    root = _study_node(nodes, problems)
    study = build_study(root, problems) if not problems else None
    if study is not None:
        problems.extend(prove(study, root, further))
    if study is None or problems:
        raise DefinitionProblems(problems)
    return study


def load_sites(files: Mapping[str, bytes], study: Study) -> tuple[Site, ...]:
    """Load the demonstration's synthetic sites (`sites.yaml`); none when the file is absent.

    Raises DefinitionProblems for sites the study could not open: an attribute it needs is missing
    or has a code the study does not know.
    """
    if SITES_FILE not in files:
        return ()
    problems: list[Problem] = []
    nodes = _read_nodes({SITES_FILE: files[SITES_FILE]}, problems)
    if problems:
        raise DefinitionProblems(problems)
    listed = nodes[SITES_FILE].at(["sites"])
    try:
        sites = TypeAdapter(tuple[Site, ...]).validate_json(json.dumps(listed.plain()))
    except ValidationError as error:
        raise DefinitionProblems(problems_of(error, listed)) from error
    for site in sites:
        problems.extend(_site_problems(site, study, listed.at([site.slug])))
    if problems:
        raise DefinitionProblems(problems)
    return sites


def _site_problems(site: Site, study: Study, place: Node) -> list[Problem]:
    found: list[str] = []
    if site.zone not in known_zones():
        found.append(f"there is no time zone `{site.zone}`; use one like Europe/London")
    for attribute in study.site_attributes:
        codes = [choice.code for choice in attribute.choices]
        if site.attributes.get(attribute.name) not in codes:
            found.append(f"site {site.slug} needs `{attribute.name}` as one of {', '.join(codes)}")
    versions = {scope.name: {form.version for form in scope.versions} for scope in study.consents}
    for name, approved in site.approved_consents.items():
        for version in sorted(set(approved) - versions.get(name, set())):
            found.append(f"the study has no version {version} of consent `{name}`")
    return [Problem(place.file, place.line, words) for words in found]


def read_folder(folder: Path) -> dict[str, bytes]:
    """Read the files of a study folder, and the library instruments it uses, as bytes by path.

    Raises DefinitionProblems when the folder is not there or a file is too large to be one of a
    study. Only `*.yaml` of the folder and of `instruments/` is read.
    """
    if not folder.is_dir():
        raise DefinitionProblems([Problem(STUDY_FILE, 1, f"there is no folder {folder}")])
    paths = [*sorted(folder.glob("*.yaml")), *sorted((folder / INSTRUMENTS).glob("*.yaml"))]
    files = _contents({path.relative_to(folder).as_posix(): path for path in paths})
    used = {name for content in files.values() for name in _list_used(content)}
    for path in sorted(_LIBRARY_FOLDER.glob("*.yaml")):
        if path.stem in used:
            files[f"{LIBRARY}{path.name}"] = _bytes_of(path)
    return files


def _contents(paths: Mapping[str, Path]) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    problems: list[Problem] = []
    for file, path in paths.items():
        try:
            files[file] = _bytes_of(path)
        except OSError as problem:
            words = f"the file cannot be read: {problem.strerror}"
            problems.append(Problem(file, 1, words))
    if problems:
        raise DefinitionProblems(problems)
    return files


def _bytes_of(path: Path) -> bytes:
    with path.open("rb") as file:
        # One byte more than may be read, so that a larger file is refused by its size.
        return file.read(MAX_BYTES + 1)


def _list_used(content: bytes) -> list[str]:
    lines = content.decode("utf-8-sig", errors="replace").splitlines()
    return [
        line.removeprefix("use:").split("#")[0].strip(" '\"")
        for line in lines
        if line.startswith("use:")
    ]
