"""The published JSON Schema of study files, which gives completion in editors."""

from __future__ import annotations

import json
from typing import Any

from forms.definition import Study

_USE = {
    "type": "object",
    "title": "An instrument of the library with the study's changes",
    "required": ["use"],
    "properties": {
        "use": {"type": "string", "description": "The name of the instrument in the library"},
        "drop": {"type": "array", "items": {"type": "string"}},
        "items": {"type": "object", "additionalProperties": {"type": "object"}},
        "more": {"type": "array", "items": {"$ref": "#/$defs/Section"}},
    },
}


def study_schema() -> dict[str, Any]:
    """Give the JSON Schema of any file of a study folder: its top-level files or an instrument."""
    study = Study.model_json_schema(by_alias=True)
    parts = study.pop("$defs")
    # A file holds some parts of a study; which are missing is the loader's to say.
    del study["required"], study["properties"]["instruments"]
    parts["StudyFile"] = study
    parts["LibraryUse"] = _USE
    kinds = ("StudyFile", "Instrument", "LibraryUse")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A file of a Sarcomere study",
        "anyOf": [{"$ref": f"#/$defs/{kind}"} for kind in kinds],
        "$defs": dict(sorted(parts.items())),
    }


def schema_text() -> str:
    """Return the schema as it is kept in docs/study.schema.json."""
    return json.dumps(study_schema(), indent=1, ensure_ascii=False) + "\n"
