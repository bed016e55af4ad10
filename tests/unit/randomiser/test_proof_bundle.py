"""The stand-alone verifier agrees with a true bundle and names the place of every tampering."""

from __future__ import annotations

import ast
import copy
import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from randomiser import (
    Annotation,
    Event,
    Kind,
    Mistake,
    build,
    canonical_json,
    combine,
    commit_r,
    commitment,
    salted_id,
    verify,
)
from tests.house.test_sizes import VERIFIER_LINES
from tests.unit.randomiser.adaptive import make_noted_history
from tests.unit.randomiser.builders import ID_SALT, make_bundle, make_design, run, unseal

SOURCE = Path(verify.__file__)


@pytest.fixture
def bundle():
    return make_bundle()


def other(arm):
    return "B" if arm == "A" else "A"


def swap_values(events, i, j, *keys):
    for key in keys:
        events[i][key], events[j][key] = events[j][key], events[i][key]


def edit_arm(b):
    b["events"][16]["arm"] = other(b["events"][16]["arm"])


def delete_event(b):
    del b["events"][11]


def insert_event(b):
    b["events"].insert(12, copy.deepcopy(b["events"][11]) | {"participant": "0" * 64})


def swap_arms(b):
    i = 5
    j = next(k for k in range(6, 30) if b["events"][k]["arm"] != b["events"][i]["arm"])
    swap_values(b["events"], i, j, "arm")


def reorder_events(b):
    b["events"][7], b["events"][8] = b["events"][8], b["events"][7]


def back_date(b):
    b["events"].insert(3, b["events"].pop(25))


def truncate_tail(b):
    b["events"] = b["events"][:-4]


def replace_commitment(b):
    b["designs"][1]["commitment"] = "0" * 64


def restore_old_backup(b):
    again = next(e for e in b["events"][1:] if e["list_name"] == b["events"][0]["list_name"])
    again |= {"list_position": 1, "arm": b["events"][0]["arm"]}


def skip_number(b):
    for event in b["events"][19:]:
        event["number"] += 1


def swap_keys(b):
    first, second = b["designs"]
    first["key"], second["key"] = second["key"], first["key"]


def edit_design(b):
    b["designs"][0]["design"]["weights"] = [5, 1]


def edit_levels(b):
    b["events"][9]["levels"]["country"] = "SE"


def move_to_another_list(b):
    event = b["events"][9]
    event["levels"]["country"] = "SE"
    event["list_name"] = json.dumps(
        ["demo/duration", 1, [event["levels"]["tumour_site"], "SE"]], separators=(",", ":")
    )


def randomise_twice(b):
    b["events"][22]["participant"] = b["events"][2]["participant"]


def share_a_key(b):
    b["designs"][1] |= {part: b["designs"][0][part] for part in ("r", "v", "key", "r_commitment")}


def give_another_r(b):
    b["designs"][0]["r"] = "11" * 32


def give_another_v(b):
    b["designs"][0]["v"] = "77"


def hide_as_elsewhere(b):
    keep = {"kind": "elsewhere", "number": b["events"][4]["number"], "annotations": []}
    b["events"][4] = dict.fromkeys(b["events"][4]) | keep


def relabel_version(b):
    b["events"][40]["design_version"] = 3


def drop_list_end(b):
    b["lists"].popitem()


TAMPERINGS = [
    (edit_arm, "event 17 (number 17)"),
    (delete_event, "event 12 (number 13): number 12 is missing"),
    (insert_event, "event 13 (number 12): out of order or repeated"),
    (swap_arms, "event 6 (number 6)"),
    (reorder_events, "event 8 (number 9): number 8 is missing"),
    (back_date, "event 4 (number 26): number 4 is missing"),
    (truncate_tail, "bundle: the events end at number 47; the last given out was 51"),
    (replace_commitment, "design 2 (version 2): the commitment"),
    (restore_old_backup, "position 1 where 2 comes next"),
    (skip_number, "event 20 (number 21): number 20 is missing"),
    (swap_keys, "design 1 (version 1): the key"),
    (edit_design, "design 1 (version 1): the commitment"),
    (edit_levels, "event 10 (number 10): its list is"),
    (move_to_another_list, "event 10 (number 10)"),
    (randomise_twice, "event 23 (number 23): its participant already has number 3"),
    (share_a_key, "design 2 (version 2): the key is that of another version"),
    (give_another_r, "design 1 (version 1): SHA-256 of R"),
    (give_another_v, "design 1 (version 1): the key"),
    (hide_as_elsewhere, "comes next"),
    (relabel_version, "event 41 (number 41): the bundle holds no design of version 3"),
    (drop_list_end, "0 is stated"),
]


def test_a_true_bundle_agrees(bundle):
    walk = verify.check(bundle)

    assert walk.problems == []
    assert walk.counts == {"allocated": 50, "elsewhere": 1}


@pytest.mark.parametrize("tamper, place", TAMPERINGS, ids=lambda x: getattr(x, "__name__", None))
def test_a_tampered_bundle_is_found_and_the_place_named_first(bundle, tamper, place):
    tamper(bundle)

    assert place in verify.check(bundle).problems[0]


@pytest.mark.slow
@pytest.mark.parametrize(
    "tamper",
    [tamper for tamper, _ in TAMPERINGS if tamper is not move_to_another_list],
    ids=lambda tamper: tamper.__name__,
)
def test_a_tampered_bundle_of_minimisation_is_found_with_its_place(tamper):
    unsealed, events = make_noted_history()
    data = build("demo", unsealed, events, id_salt=ID_SALT, last_number=len(events))
    bundle = json.loads(data)
    assert verify.check(bundle).problems == []

    tamper(bundle)

    assert re.match(r"(event|design) [0-9]+|bundle: ", verify.check(bundle).problems[0])


def test_a_wholly_replaced_bundle_is_found_by_the_certificate(bundle):
    true = [design["commitment"] for design in bundle["designs"]]
    one = unseal(make_design(), r=b"z" * 32)
    forged = json.loads(build("demo", [one], run(one, 5), id_salt=ID_SALT, last_number=5))

    assert verify.check(bundle, true).problems == []
    assert verify.check(forged).problems == []
    assert "no design has the commitment" in verify.check(forged, true[:1]).problems[0]


def test_an_end_cut_off_neatly_is_found_by_a_receipt(bundle):
    one = unseal(make_design())
    short = json.loads(build("demo", [one], run(one, 9), id_salt=ID_SALT, last_number=9))

    assert verify.check(short, last_number=9).problems == []
    assert "ends at number 9, before 12" in verify.check(short, last_number=12).problems[0]


def test_positions_set_aside_explain_themselves():
    one = unseal(make_design())
    events = run(one, 12)
    ends = {e.list_name: e.list_position or 0 for e in events}
    name = str(events[0].list_name)
    aside = {"design_version": 1, "list_name": name}
    events += [
        Event(kind=Kind.RESERVED, list_position=ends[name] + 1, **aside),
        Event(kind=Kind.RETURNED, number=13, list_position=ends[name] + 2, **aside),
        Event(kind=Kind.LOST, number=14),
    ]
    data = build("demo", [one], events, id_salt=ID_SALT, last_number=14)

    assert verify.check(json.loads(data)).problems == []


def test_annotations_change_nothing_and_keep_both_levels():
    one = unseal(make_design())
    events = run(one, 3)
    right = {"tumour_site": "other", "country": "SE"}
    noted = Event(**{**vars(events[1]), "annotations": (Annotation(Mistake.WRONG_STRATUM, right),)})
    data = build("demo", [one], [events[0], noted, events[2]], id_salt=ID_SALT, last_number=3)

    bundle = json.loads(data)
    assert verify.check(bundle).problems == []
    assert bundle["events"][1]["annotations"] == [
        {"mistake": "wrong_stratum", "levels": right, "after": 2}
    ]


def test_a_bundle_names_nobody_and_is_the_same_twice():
    one = unseal(make_design())
    first, second = (
        build("demo", [one], run(one, 9), id_salt=ID_SALT, last_number=9) for _ in range(2)
    )

    assert first == second
    assert b"person-" not in first
    assert salted_id("person-1", ID_SALT).encode() in first
    assert salted_id("person-1", b"j" * 32) != salted_id("person-1", ID_SALT)


def test_a_bundle_holds_one_randomisation():
    one, two = unseal(make_design()), unseal(make_design(randomisation="demo/dose"))

    for given_designs in ([], [one, two]):
        with pytest.raises(ValueError, match="one randomisation"):
            build("demo", given_designs, [], id_salt=ID_SALT, last_number=0)


def test_keys_do_not_show_in_a_representation():
    one = unseal(make_design(), r=b"abcdefgh" * 4, v=b"secret words")

    assert "secret" not in repr(one)
    assert repr(one.key) not in repr(one)


def program(*arguments):
    return subprocess.run(
        [sys.executable, "-I", str(SOURCE), *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
    )


def test_the_program_alone_answers_with_its_exit_status(bundle, tmp_path):
    path = tmp_path / "bundle.json"
    path.write_text(json.dumps(bundle))
    good = program(path, "--commitment", bundle["designs"][0]["commitment"], "--last-number", 51)
    edit_arm(bundle)
    path.write_text(json.dumps(bundle))
    bad = program(path)

    assert (good.returncode, bad.returncode) == (0, 1)
    assert good.stdout.startswith("AGREES: demo, demo/duration: 50 allocated, 1 elsewhere")
    assert "(as given)" in good.stdout
    assert bad.stdout.startswith("DIFFERS: event 17 (number 17): list")
    assert hashlib.sha256(path.read_bytes()).hexdigest() in bad.stdout


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe\x00",
        b"not json",
        b"[" * 100_000,
        b"null",
        b"[]",
        b"{}",
        b'{"format": "x", "format": "x"}',
        b'{"format": "\\ud800"}',
        b"9" * 5000,
        b"NaN",
    ],
)
def test_what_is_no_bundle_is_refused_in_words(data, tmp_path, capsys):
    path = tmp_path / "bundle.json"
    path.write_bytes(data)

    assert verify.main([str(path)]) == 1
    assert capsys.readouterr().out.startswith("DIFFERS: ")


def test_a_missing_file_is_refused_in_words(tmp_path, capsys):
    assert verify.main([str(tmp_path / "none.json")]) == 1
    assert "cannot be read" in capsys.readouterr().out


def test_a_bundle_cannot_steer_the_terminal(bundle, tmp_path, capsys):
    bundle["events"][0]["kind"] = "\x1b[2Jallocated"
    path = tmp_path / "bundle.json"
    path.write_text(json.dumps(bundle))

    verify.main([str(path)])

    assert "\x1b" not in capsys.readouterr().out


def leaves(thing, path=()):
    """Yield the path to every value of a JSON structure."""
    if isinstance(thing, dict):
        for key in thing:
            yield from leaves(thing[key], (*path, key))
    elif isinstance(thing, list):
        for index, inner in enumerate(thing):
            yield from leaves(inner, (*path, index))
    yield path


BUNDLE = make_bundle()
PATHS = [path for path in leaves(BUNDLE) if path]
ODD = [None, True, 0, -1, 10**30, 0.5, "", "x", "\x00", "9" * 64, [], [[]], {}, {"a": 1}]


@given(st.sampled_from(PATHS), st.sampled_from(ODD))
def test_no_value_in_a_bundle_can_crash_the_verifier(path, value):
    bundle = copy.deepcopy(BUNDLE)
    place = bundle
    for step in path[:-1]:
        place = place[step]
    before, place[path[-1]] = place[path[-1]], value

    problems = verify.check(bundle).problems

    free_text = path == ("study",) and isinstance(value, str)
    new_person = path[-1] == "participant" and isinstance(value, str)
    assert problems or value == before or free_text or new_person


@pytest.mark.parametrize("part", ["arms", "sizes", "weights"])
@pytest.mark.parametrize("value", [[], [2**64], [0], [{"name": "A", "ratio": 1}], [1, 2, 3]])
def test_an_impossible_design_is_refused_even_when_committed_to(bundle, part, value):
    one = bundle["designs"][0]
    one["design"][part] = value
    covered = canonical_json(one["design"]) + bytes.fromhex(one["key"] + one["salt"])
    one["commitment"] = hashlib.sha256(covered).hexdigest()

    assert "design 1" in verify.check(bundle).problems[0]


def test_the_verifier_stands_alone_and_stays_short():
    source = SOURCE.read_text(encoding="utf-8")
    names = {
        alias.name if isinstance(node, ast.Import) else node.module
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }

    assert {str(name).split(".")[0] for name in names} <= set(sys.stdlib_module_names)
    assert len(source.splitlines()) <= VERIFIER_LINES


def test_a_bundle_carries_what_the_key_was_made_of():
    one = unseal(make_design(), r=b"r" * 32, v=b"v")
    bundle = json.loads(build("demo", [one], [], id_salt=ID_SALT, last_number=0))
    plain = bundle["designs"][0]

    assert plain["key"] == combine(b"r" * 32, b"v").hex()
    assert plain["r_commitment"] == commit_r(b"r" * 32).hex()
    assert plain["commitment"] == commitment(one.design, one.key, one.salt).hex()
