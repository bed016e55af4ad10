"""An uploaded list: read as a whole or refused by the line, then given out row by row."""

from __future__ import annotations

import hashlib
import json

import pytest

from randomiser import (
    METHODS,
    Arm,
    Design,
    DesignProblem,
    Event,
    Factor,
    ListFull,
    UploadedList,
    allocate,
    build,
    canonical,
    canonical_json,
    from_canonical,
    make_draw,
    order_hash,
    read_design,
    read_list,
    replay,
    verify,
)
from tests.unit.randomiser.builders import ID_SALT, unseal

ARMS = (Arm("A", 2), Arm("B", 1))
FACTORS = (Factor("site", ("stomach", "other")), Factor("country"))
KNOWN = {"country": ["gb", "fi"]}
HEADER = "site,country,list_position,arm"
ROWS = [
    "stomach,gb,1,B",
    "stomach,gb,2,A",
    "stomach,gb,3,A",
    "other,gb,1,A",
    "other,gb,2,B",
    "other,gb,3,A",
]
ORDER = (
    b"other,gb,1,A\nother,gb,2,B\nother,gb,3,A\nstomach,gb,1,B\nstomach,gb,2,A\nstomach,gb,3,A\n"
)
NOBODY_KNOWS = bytes(32)


def text_of(*rows: str, header: str = HEADER) -> bytes:
    return "".join(f"{line}\n" for line in (header, *rows)).encode()


def make(data: bytes = text_of(*ROWS)) -> Design:
    file_hash, lists = read_list(data, ARMS, FACTORS, KNOWN)
    return design_of(file_hash, lists)


def design_of(file_hash: str, lists: tuple[UploadedList, ...]) -> Design:
    return Design(
        "demo/x", 1, METHODS["uploaded_list"], ARMS, FACTORS, file_hash=file_hash, lists=lists
    )


def problems_of(*rows: str, header: str = HEADER) -> list[str]:
    with pytest.raises(DesignProblem) as caught:
        read_list(text_of(*rows, header=header), ARMS, FACTORS, KNOWN)
    return list(caught.value.problems)


def test_a_list_is_given_out_in_the_order_of_its_positions():
    design = make(text_of(*reversed(ROWS)))
    events, arms = [], []
    for _ in range(3):
        levels = {"site": "stomach", "country": "gb"}
        done = allocate(design, events, levels, make_draw(NOBODY_KNOWS))
        arms.append(done.arm)
        events.append(
            Event(
                number=len(events) + 1,
                design_version=1,
                list_name=done.list_name,
                list_position=done.list_position,
                arm=done.arm,
                levels=levels,
                participant="p",
            )
        )

    assert arms == ["B", "A", "A"]
    assert replay(design, NOBODY_KNOWS, events) == []
    with pytest.raises(ListFull, match="is full"):
        allocate(design, events, {"site": "stomach", "country": "gb"}, make_draw(NOBODY_KNOWS))
    other = allocate(design, events, {"site": "other", "country": "gb"}, make_draw(NOBODY_KNOWS))
    assert (other.arm, other.list_position) == ("A", 1)


def test_the_verifier_follows_the_rows_and_finds_an_edited_arm_and_a_place_past_the_end():
    one = unseal(make())
    levels = {"site": "stomach", "country": "gb"}
    events: list[Event] = []
    for number in (1, 2, 3):
        done = allocate(one.design, events, levels, make_draw(one.key))
        events.append(
            Event(
                number=number,
                design_version=1,
                list_name=done.list_name,
                list_position=done.list_position,
                arm=done.arm,
                levels=levels,
                participant=f"person-{number}",
            )
        )
    bundle = json.loads(build("demo", [one], events, id_salt=ID_SALT, last_number=3))

    assert verify.check(bundle).problems == []
    bundle["events"][1]["arm"] = "B"
    assert "the arm is B; the key gives A" in verify.check(bundle).problems[0]
    bundle["events"][1]["arm"] = "A"
    fourth = bundle["events"][2] | {"number": 4, "list_position": 4, "participant": "0" * 64}
    bundle["events"].append(fourth)
    assert "the key gives nothing" in verify.check(bundle).problems[0]


def test_a_stratum_without_a_list_borrows_from_no_other():
    with pytest.raises(ListFull):
        allocate(make(), [], {"site": "stomach", "country": "fi"}, make_draw(NOBODY_KNOWS))


def test_the_order_of_the_lines_is_of_no_account_and_both_hashes_tell():
    shuffled = [ROWS[turn] for turn in (4, 0, 5, 2, 1, 3)]
    first, second = make(), make(text_of(*shuffled))

    assert first.lists == second.lists
    assert order_hash(first) == order_hash(second) == hashlib.sha256(ORDER).hexdigest()
    assert first.file_hash == hashlib.sha256(text_of(*ROWS)).hexdigest()
    assert second.file_hash == hashlib.sha256(text_of(*shuffled)).hexdigest()


def test_the_canonical_design_holds_every_row():
    design = make()
    plain = json.loads(canonical(design))

    assert plain["lists"] == [
        {"arms": ["A", "B", "A"], "levels": ["other", "gb"]},
        {"arms": ["B", "A", "A"], "levels": ["stomach", "gb"]},
    ]
    assert set(plain) == {
        "arms", "factors", "file_hash", "lists", "method", "randomisation", "version",
    }  # fmt: skip
    assert from_canonical(canonical(design)) == design


@pytest.mark.parametrize(
    "changes",
    [
        {"lists": []},
        {"lists": None},
        {"lists": [{"arms": ["A", "A", "B"]}]},
        {"lists": [{"arms": ["A", "A", "B"], "levels": ["other"]}]},
        {"lists": [{"arms": ["A", "A", "B"], "levels": ["elsewhere", "gb"]}]},
        {"lists": [{"arms": ["A", "A", "C"], "levels": ["other", "gb"]}]},
        {"lists": [{"arms": ["A", "B"], "levels": ["other", "gb"]}]},
        {"lists": [{"arms": ["A", "A", "B"], "levels": ["other", "gb"], "more": 1}]},
        {"lists": 2 * [{"arms": ["A", "A", "B"], "levels": ["other", "gb"]}]},
        {"lists": [["A", "A", "B"]]},
        {"file_hash": "AB" * 32},
        {"file_hash": None},
    ],
)
def test_a_stored_design_that_was_changed_is_refused(changes):
    plain = json.loads(canonical(make()))

    with pytest.raises(DesignProblem):
        from_canonical(canonical_json(plain | changes))


@pytest.mark.parametrize(
    "rows, words",
    [
        ([], "Line 2: there is no row"),
        (["stomach,gb,1,B,x"], "Line 2: there are 5 values; the first line names 4."),
        (["stomach,gb,1,b"], "Line 2: arm is 'b'; the arms are A, B."),
        (["colon,gb,1,B"], "Line 2: site is 'colon'; the design knows stomach, other."),
        (["stomach,us,1,B"], "Line 2: country is 'us'; the design knows gb, fi."),
        (["stomach,gb,0,B"], "Line 2: list_position is '0'; it must be a whole number from 1."),
        (["stomach,gb,01,B"], "list_position is '01'"),
        (["stomach,gb,1.0,B"], "list_position is '1.0'"),
        (["stomach,gb,²,B"], "list_position is '²'"),
        (["stomach,gb,١,B"], "list_position is '١'"),
        (["stomach,gb,1,B", "stomach,gb,1,A"],
         "Line 3: list_position 1 of stomach, gb is already on line 2."),
        ([*ROWS[:2], "stomach,gb,4,A", *ROWS[3:]],
         "Line 4: stomach, gb has list_position 4 and not 3; positions must be 1, 2, 3"),
        ([*ROWS[1:]],
         "Line 2: stomach, gb has list_position 2 and not 1; positions must be 1, 2, 3"),
        (ROWS[:3], "There is no line for other, gb; every stratum needs a list."),
        ([*ROWS[:5], "other,gb,3,B"],
         "Line 7: other, gb: the 3 rows of its list hold A 1, B 2; at the end of a list the ratio "
         "2:1 must hold exactly."),
        (ROWS[:5], "Line 6: other, gb: the 2 rows of its list hold A 1, B 1"),
        (['stomach,gb,1,"B'], "this is not CSV"),
    ],
)  # fmt: skip
def test_a_wrong_list_is_refused_with_its_line(rows, words):
    assert any(problem.startswith(words) or words in problem for problem in problems_of(*rows))


def test_every_problem_is_named_at_once():
    found = problems_of("stomach,gb,1,b", "colon,gb,x,B", "stomach")

    assert [problem[:7] for problem in found] == ["Line 2:", "Line 3:", "Line 3:", "Line 4:"]


@pytest.mark.parametrize(
    "data, words",
    [
        (b"", "Line 1: the first line is ''; it must be 'site,country,list_position,arm'"),
        (text_of(header="arm,list_position,site,country"), "Line 1: the first line is 'arm,list"),
        (text_of(header=HEADER.replace(",", ";")), "Line 1: the first line is"),
        (text_of(*ROWS).replace(b"other,gb,2", b"other\0,gb,2"), "Line 6: there is a NUL"),
        (text_of(*ROWS).replace(b"other,gb,2", b"\xe4ther,gb,2"), "Line 6: this is not UTF-8"),
        (text_of(*ROWS).decode().encode("utf-16"), "Line 1: this is not UTF-8"),
        (bytes(range(256)), "Line 2: this is not UTF-8"),
        (text_of(*ROWS) + b"x" * 1_000_000, "larger than 1000000 bytes"),
    ],
)
def test_bytes_that_are_no_list_are_refused_in_words(data, words):
    with pytest.raises(DesignProblem) as caught:
        read_list(data, ARMS, FACTORS, KNOWN)

    assert words in str(caught.value)


def test_a_list_of_more_rows_than_can_be_kept_is_refused():
    rows = [f"stomach,gb,{n},{'AAB'[n % 3]}" for n in range(1, 10_000)]
    rows += [row.replace("stomach", "other") for row in rows[:3]]

    assert problems_of(*rows) == ["There are 10002 rows; an uploaded list has at most 10000."]


def test_a_mark_at_the_start_and_windows_line_ends_are_no_mistake():
    windows = b"\xef\xbb\xbf" + text_of(*ROWS).replace(b"\n", b"\r\n")

    assert make(windows).lists == make().lists


def test_without_factors_there_is_one_list():
    data = b"list_position,arm\n1,A\n3,A\n2,B\n"

    assert read_list(data, ARMS, (), {})[1] == (UploadedList((), ("A", "B", "A")),)


def test_a_design_file_is_not_the_way_to_a_list():
    with pytest.raises(DesignProblem, match="upload the CSV file"):
        read_design(
            {"lists": [["A"]]},
            randomisation="demo/x",
            version=1,
            method="uploaded_list",
            arms=ARMS,
            factors=FACTORS,
        )
