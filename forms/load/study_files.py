"""Putting the files of a study folder together into one tree, and that tree into a study."""

from __future__ import annotations

import json
from collections.abc import Mapping

from pydantic import ValidationError

from forms.definition import Study
from forms.load.library import LIBRARY, with_library
from forms.load.words import problems_of
from forms.load.yaml_text import read_yaml
from forms.problems import DefinitionProblems, Problem
from forms.yaml_tree import Node

STUDY_FILE = "study.yaml"
SITES_FILE = "sites.yaml"
INSTRUMENTS = "instruments/"
MAX_FILES = 500


def read_nodes(files: Mapping[str, bytes], problems: list[Problem]) -> dict[str, Node]:
    """Read every YAML file of the mapping; what cannot be read is added to the problems."""
    nodes: dict[str, Node] = {}
    if len(files) > MAX_FILES:
        problems.append(Problem(STUDY_FILE, 1, f"the study has more than {MAX_FILES} files"))
        return nodes
    for file in sorted(files):
        try:
            nodes[file] = read_yaml(file, files[file])
        except DefinitionProblems as found:
            problems.extend(found.problems)
    return nodes


def study_node(nodes: Mapping[str, Node], problems: list[Problem]) -> Node:
    """Join the files: top-level keys of all files of the folder, and one file per instrument."""
    root = nodes.get(STUDY_FILE) or Node({}, STUDY_FILE, 1)
    parts: dict[str, Node] = {}
    top = [file for file in nodes if "/" not in file and file != SITES_FILE]
    for file in sorted(top, key=lambda file: (file != STUDY_FILE, file)):
        _join(parts, nodes[file], problems)
    instruments = _instruments(nodes, problems)
    if instruments:
        parts["instruments"] = Node(instruments, instruments[0].file, 1)
    return root.with_value(parts)


def _join(parts: dict[str, Node], node: Node, problems: list[Problem]) -> None:
    if not isinstance(node.value, dict):
        problems.append(Problem(node.file, node.line, "the file must hold keys with values"))
    for key, part in node.mapping().items():
        if key in parts:
            words = f"`{key}` also stands in {parts[key].file}; keep it in one file"
            problems.append(Problem(part.file, part.line, words))
        if key == "instruments":
            words = f"instruments stand one to a file in the folder {INSTRUMENTS}"
            problems.append(Problem(part.file, part.line, words))
        parts[key] = part


def _instruments(nodes: Mapping[str, Node], problems: list[Problem]) -> list[Node]:
    library = {
        file.removeprefix(LIBRARY).removesuffix(".yaml"): node
        for file, node in nodes.items()
        if file.startswith(LIBRARY)
    }
    own = [node for file, node in nodes.items() if file.startswith(INSTRUMENTS)]
    found = [with_library(node, library, problems) for node in own]
    return [node for node in found if node is not None]


def build_study(root: Node, problems: list[Problem]) -> Study | None:
    """Make the study; None when the models refuse it, with everything they refuse as problems."""
    try:
        return Study.model_validate_json(json.dumps(root.plain()))
    except ValidationError as error:
        problems.extend(problems_of(error, root))
        return None
