"""Every mistake in a definition is told with its file and line; `#!` marks the line to be named."""

from __future__ import annotations

from pathlib import Path

import pytest

from forms.load import load_study, read_folder
from forms.problems import DefinitionProblems
from tests.unit.forms.studies import changed, small_files

STUDY, PLAN = "study.yaml", "plan.yaml"
BASICS, CHECKUP = "instruments/basics.yaml", "instruments/checkup.yaml"
RELAPSE = "instruments/relapse.yaml"

BIRTH = "      - {name: birth, type: date, label: Born}\n"
WEIGHT_LINE = "        label: Weight\n"
ARMS = "      - {arm: B, label: Second}\n"

# name of the mistake: file, what is replaced, by what, words that must be told
MISTAKES = {
    "unknown key": (STUDY, "zone: Europe/London", "zon: Europe/London #!", "did you mean `zone`"),
    "missing key": (PLAN, "    title: Start\n    anchor", "    anchor", "`title` is missing"),
    "unknown zone": (STUDY, "Europe/London", "Europe/Londn #!", "no time zone `Europe/Londn`"),
    "bad slug": (STUDY, "slug: small", "slug: Small Study #!", "small letters, digits and -"),
    "not a date": (
        STUDY,
        "approved: 2024-01-01",
        "approved: 2024-13-01 #!\n       ",
        "a date such as",
    ),
    "not a number": (STUDY, "number: 10}", "number: ten} #!", "`number` must be a whole number"),
    "zero target": (STUDY, "number: 10}", "number: 0} #!", "must be at least 1"),
    "unknown role": (STUDY, "visible_to: [nurse,", "visible_to: [nurze, #!\n   ", "'nurze'"),
    "list expected": (
        STUDY,
        "\n  - {code: not_done, label: Not done}",
        " none #!",
        "must be a list",
    ),
    "unordered targets": (
        STUDY,
        "  - {from: 2024-01-01, number: 10}",
        "  - {from: 2024-01-01, number: 10} #!\n  - {from: 2023-01-01, number: 9}",
        "must follow one another",
    ),
    "target reached before it holds": (
        STUDY,
        "number: 10}",
        "number: 10, by: 2024-01-01} #!",
        "`by` must lie after `from`",
    ),
    "score of no item": (
        STUDY,
        "number: 10}\n",
        "number: 10}\nscores:\n  - {item: wait, worst: 0} #!\n",
        "there is no item `wait`",
    ),
    "score that is no number": (
        STUDY,
        "number: 10}\n",
        "number: 10}\nscores:\n  - {item: birth, worst: 0} #!\n",
        "is no number",
    ),
    "score of one end": (
        STUDY,
        "number: 10}\n",
        "number: 10}\nscores:\n  - {item: weight, worst: 3, best: 3} #!\n",
        "two ends of the scale",
    ),
    "score twice": (
        STUDY,
        "number: 10}\n",
        "number: 10}\nscores:\n  - {item: weight}\n  - {item: weight} #!\n",
        "two scores `weight`",
    ),
    "slug of the program's own tree": (STUDY, "slug: small", "slug: system #!", "no study; rename"),
    "infinite limit": (BASICS, "max: 300}", "max: 1e999} #!", "must be at most 1000000000000000"),
    "limit beyond all digits": (BASICS, "max: 300}", "max: 1e-99} #!", "with decimals at most 15"),
    "line that reads otherwise": (BASICS, "label: Born", 'label: "Born \u202en"', "U+202E"),
    "name of the page's own": (
        BASICS,
        BIRTH,
        "      - {name: version, type: date, label: Born} #!\n",
        "a meaning of its own on pages",
    ),
    "name of what stands beside another": (
        BASICS,
        BIRTH,
        f"{BIRTH}      - {{name: weight__missing, type: text, label: Why}} #!\n",
        "a meaning of its own on pages",
    ),
    "birth date that is none": (STUDY, "zone:", "birth_date: side #!\nzone:", "is not a date"),
    "sex that is no choice": (STUDY, "zone:", "sex: birth #!\nzone:", "is not a single choice"),
    "code of an attribute twice": (
        STUDY,
        "choices: [{code: gb, label: UK}, {code: ie, label: Ireland}]}",
        "choices: [{code: gb, label: UK}, {code: gb, label: Ireland}]} #!",
        "two choices with the code `gb`",
    ),
    "gate on what is asked after the draw": (
        PLAN,
        'holds: "age_years([start][birth], today) >= 18"',
        'holds: "[later][pain][first-instance] < 3" #!',
        "“pain” is asked only at visits counted from the allocation",
    ),
    "key twice": (STUDY, "short_title: Small", "short_title: Small\ntitle: B #!", "stands twice"),
    "tab": (STUDY, "  - name: main", "\t- name: main #!", "indented with a tab"),
    "broken yaml": (STUDY, "title: A small study", "title: 'A small study", "not valid YAML"),
    "anchor": (STUDY, "title: A small study", "title: &t A small study #!", "anchors"),
    "alias": (STUDY, "title: A small study", "title: *t #!", "anchors"),
    "tag": (STUDY, "title: A small study", "title: !!python/name:os.system x #!", "tags"),
    "two documents": (STUDY, "slug: small", "slug: small\n---\nslug: other", "several documents"),
    "merge key": (STUDY, "slug: small", "slug: small\n<<: {a: 1} #!", "a key must be one word"),
    "part in two files": (PLAN, "visits:\n", "title: B #!\nvisits:\n", "also stands in"),
    "instruments in a list": (PLAN, "visits:\n", "instruments: [] #!\nvisits:\n", "one to a file"),
    "no such item type": (
        BASICS,
        "type: date, label: Born}",
        "type: day, label: Born} #!",
        "'day'",
    ),
    "no item type": (BASICS, BIRTH, "      - {name: birth, label: Born} #!\n", "`type` is missing"),
    "item name": (BASICS, "name: birth,", "name: Birth-Date, #!\n       ", "at most 26 characters"),
    "long item name": (BASICS, "name: birth,", f"name: {'b' * 27}, #!\n       ", "at most 26"),
    "item twice": (CHECKUP, "name: pain", "name: birth #!\n       ", "also stands in"),
    "reserved name": (CHECKUP, "name: pain", "name: site #!\n       ", "column of every dataset"),
    "name of a sign's column": (
        CHECKUP,
        "      - {name: pain, type: integer, label: Pain}\n",
        "      - {name: crp, type: censored_number, label: CRP, decimals: 1}\n"
        "      - {name: crp_sign, type: text, label: Sign} #!\n",
        "`crp_sign` is a column of `crp` in datasets; rename the item",
    ),
    "code twice": (
        BASICS,
        "{code: both, label: Both}",
        "{code: left, label: Both} #!",
        "two choices",
    ),
    "empty choices": (
        CHECKUP,
        "type: integer, label: Pain",
        "type: single_choice, choices: [], label: P",
        "at least 1",
    ),
    "range upside down": (
        BASICS,
        "soft: {min: 40, max: 150}",
        "soft: {min: 150, max: 40} #!",
        "upside down",
    ),
    "soft beyond hard": (
        BASICS,
        "soft: {min: 40, max: 150}",
        "soft: {min: 1, max: 150} #!",
        "inside the hard",
    ),
    "range without ends": (BASICS, "soft: {min: 40, max: 150}", "soft: {} #!", "`min`, a `max`"),
    "range not a number": (
        BASICS,
        "hard: {min: 2, max: 300}",
        "hard: {min: two, max: 300} #!",
        "a number such as",
    ),
    "zero factor": (BASICS, "factor: 0.45359237", "factor: 0 #!\n       ", "more than 0"),
    "unit twice": (BASICS, "unit: lb", "unit: kg #!\n       ", "two units `kg`"),
    "derived twice over": (
        BASICS,
        '        formula: "if([weight] > 100, 1, 0)"',
        "        decimals: 0",
        "either a `formula` or `rules`",
    ),
    "derived required": (
        BASICS,
        "result: number",
        "result: number\n        required: true #!",
        "nobody types it",
    ),
    "unknown item in formula": (
        BASICS,
        '"if([weight] > 100, 1, 0)"',
        '"[wheight] > 1" #!',
        "no item “wheight”",
    ),
    "unreadable formula": (
        BASICS,
        '"if([weight] > 100, 1, 0)"',
        '"if([weight] > 100" #!',
        "not closed",
    ),
    "code never answered": (
        BASICS,
        '"if([weight] > 100, 1, 0)"',
        "\"if([side]='top',1,0)\" #!",
        "top",
    ),
    "type error": (
        BASICS,
        '"if([weight] > 100, 1, 0)"',
        '"age_years([weight], today)" #!',
        "age_years",
    ),
    "circle": (BASICS, '"if([weight] > 100, 1, 0)"', '"[heavy] + 1" #!', "depends on itself"),
    "circle of two": (
        BASICS,
        WEIGHT_LINE,
        WEIGHT_LINE + '        show_if: "[heavy] = 1" #!\n',
        "depends on itself",
    ),
    "hidden item in formula": (
        BASICS,
        '"if([weight] > 100, 1, 0)"',
        '"length([secret])" #!',
        "hidden from nurse",
    ),
    "hidden item in words": (
        BASICS,
        "label: Weight",
        "label: Weight, see [secret] #!",
        "hidden from nurse",
    ),
    "unknown anchor": (PLAN, "anchor: screening", "anchor: scrining #!", "no event `scrining`"),
    "no anchor": (
        PLAN,
        "  - slug: start\n    title: Start\n    anchor: screening",
        "  - slug: start #!\n    title: Start",
        "needs an `anchor`",
    ),
    "unknown until": (PLAN, "until: [relapse]", "until: [relaps] #!", "no event `relaps`"),
    "days and months": (PLAN, "offset: {days: 30}", "offset: {days: 30, months: 1} #!", "not both"),
    "negative window": (
        PLAN,
        "window: {before: 3,",
        "window: {before: -3, #!\n     ",
        "at least 0",
    ),
    "titles do not fit": (
        PLAN,
        "titles: [First, Second]",
        "titles: [First] #!\n     ",
        "1 titles for 2",
    ),
    "unknown instrument": (
        PLAN,
        "instruments: [basics]",
        "instruments: [basics, basix] #!",
        "`basix`",
    ),
    "log at a visit": (
        PLAN,
        "instruments: [basics]",
        "instruments: [basics, relapses]",
        "no visit may list",
    ),
    "unknown arm": (PLAN, "until: [relapse]", "arms: [C] #!", "no arm `C`"),
    "unknown event item": (
        PLAN,
        "date_item: relapse_date",
        "date_item: relapse_dat #!\n   ",
        "no item",
    ),
    "event item no date": (
        PLAN,
        "date_item: relapse_date",
        "date_item: pain #!\n   ",
        "is not a date",
    ),
    "event of every study": (
        PLAN,
        "{name: relapse,",
        "{name: consent, #!\n   ",
        "event of every study",
    ),
    "unknown gate": (PLAN, "gate: ready", "gate: redy #!", "no gate `redy`"),
    "unknown consent": (PLAN, "consent: main", "consent: mian #!", "no consent `mian`"),
    "unknown method": (PLAN, "method: permuted_blocks", "method: coin #!", "no method `coin`"),
    "block sizes in the file": (
        PLAN,
        "method: permuted_blocks",
        "sizes: [4] #!\n    method: permuted_blocks",
        "`sizes` is not known",
    ),
    "ratio zero": (PLAN, ARMS, "      - {arm: B, label: Second, ratio: 0} #!\n", "at least 1"),
    "one arm": (PLAN, ARMS, "", "at least 2"),
    "arm twice": (PLAN, ARMS, "      - {arm: A, label: Second} #!\n", "two arms `A`"),
    "code in two levels": (
        PLAN,
        "right_side: [right, both]",
        "right_side: [right, both, left] #!\n         ",
        "in the levels",
    ),
    "code in no level": (
        PLAN,
        "right_side: [right, both]",
        "right_side: [right] #!\n         ",
        "`both` is in no level",
    ),
    "code unknown to levels": (
        PLAN,
        "right_side: [right, both]",
        "right_side: [right, both, top] #!\n         ",
        "cannot be answered",
    ),
    "stratum of a number": (
        PLAN,
        'from: "[start][side]"',
        'from: "[start][weight]" #!',
        "with choices",
    ),
    "no levels": (
        PLAN,
        "        levels: {left_side: [left], right_side: [right, both]}\n",
        "",
        "under `levels`",
    ),
    "datediff in a gate": (
        PLAN,
        'holds: "age_years([start][birth], today) >= 18"',
        "holds: \"datediff([start][birth], today, 'y') >= 18\" #!",
        "datediff",
    ),
    "gate of a text": (
        PLAN,
        'holds: "age_years([start][birth], today) >= 18"',
        "holds: \"upper('a')\" #!",
        "true or false",
    ),
    "gate of a code that is no answer": (
        PLAN,
        'holds: "age_years([start][birth], today) >= 18"',
        "holds: \"[start][side] = 'left' and [start][side] = 'right'\" #!",
        "no answer fulfils this",
    ),
    "gate of a number that is none": (
        PLAN,
        'holds: "age_years([start][birth], today) >= 18"',
        'holds: "[start][weight] > 100 and [start][weight] < 50" #!',
        "no answer fulfils this",
    ),
    "criteria that contradict each other": (
        PLAN,
        "        values: [{label: Age",
        "      - {name: l, wording: L, holds: \"[start][side] = 'left'\"}\n"
        "      - name: r\n        wording: R\n"
        "        holds: \"[start][side] = 'right'\" #!\n        values: [{label: Age",
        "contradicts the criteria before it",
    ),
    "nothing behind a key": (BASICS, WEIGHT_LINE, "        label:\n", "`label` is empty"),
    "half a letter": (
        BASICS,
        "label: Weight",
        'label: "Weight \\ud800" #!',
        "invisible character here (U+D800)",
    ),
    "item not at the visit": (
        PLAN,
        'values: [{label: Age, value: "age_years([start][birth], today)"}]',
        'values: [{label: Age, value: "[later][birth]"}] #!',
        "not asked at the visit",
    ),
    "item asked more than once": (
        PLAN,
        'values: [{label: Age, value: "age_years([start][birth], today)"}]',
        'values: [{label: Pain, value: "[pain]"}] #!',
        "more than once",
    ),
    "unknown origin": (PLAN, "origin: allocation", "origin: alocation #!", "no event `alocation`"),
    "competing and event": (PLAN, "competing: [death]", "competing: [relapse] #!", "both an event"),
    "not evaluable by date": (
        PLAN,
        "evaluable: [{instrument: checkup}]",
        "evaluable: [{instrument: basics}] #!",
        "assessment_date",
    ),
    "assessment date elsewhere": (
        CHECKUP,
        "assessment_date: seen",
        "assessment_date: birth #!",
        "no item of this instrument",
    ),
    "assessment date no date": (
        CHECKUP,
        "assessment_date: seen",
        "assessment_date: pain #!",
        "must be a full date",
    ),
    "no such library instrument": (
        RELAPSE,
        "name: relapses",
        "use: relapsus #!",
        "library has no instrument",
    ),
    "too many months": (PLAN, "offset: {days: 30}", "offset: {months: 99999} #!", "at most 1200"),
    "revealing what is not there": (
        "study.yaml",
        "  revealing: withhold",
        "  revealing: withhold\n  reveals: [relapsus] #!",
        "no instrument, item or event",
    ),
    "provenance": (BASICS, "label: Born}", "label: Born, provenance: X} #!", "S, S22, B, D or U"),
    "hint that names what its readers may not see": (
        BASICS,
        "{name: birth, type: date, label: Born}",
        '{name: birth, type: date, label: Born, hint: "As in [secret]"} #!',
        "these words name `secret`, which is hidden from nurse",
    ),
    "no such provenance role": (
        BASICS,
        "hidden_from: [nurse]",
        "hidden_from: [doctor]",
        "'doctor'",
    ),
}


def _told(files: dict[str, bytes]) -> DefinitionProblems:
    with pytest.raises(DefinitionProblems) as caught:
        load_study(files)
    return caught.value


@pytest.mark.parametrize("mistake", sorted(MISTAKES))
def test_a_mistake_is_told_with_file_line_and_words(mistake: str) -> None:
    file, old, new, words = MISTAKES[mistake]
    files = changed(file, old, new)
    lines = files[file].decode().splitlines()

    told = _told(files)

    fitting = [one for one in told.problems if words in one.words]
    assert fitting, str(told)
    assert fitting[0].file == file
    marked = [number for number, line in enumerate(lines, start=1) if line.endswith("#!")]
    assert not marked or fitting[0].line in marked, str(told)
    assert "pydantic" not in str(told)


def test_there_are_at_least_forty_kinds_of_mistake() -> None:
    assert len(MISTAKES) >= 40


def test_the_small_study_itself_has_no_problem() -> None:
    assert load_study(small_files()).slug == "small"


def test_all_problems_are_told_at_once_in_file_order() -> None:
    files = changed(PLAN, "gate: ready", "gate: redy")
    files["instruments/checkup.yaml"] = files["instruments/checkup.yaml"].replace(
        b"assessment_date: seen", b"assessment_date: sen"
    )

    told = _told(files)

    assert [one.file for one in told.problems[:2]] == ["instruments/checkup.yaml", "plan.yaml"]
    assert str(told.problems[1]).startswith("plan.yaml:")


def test_a_list_is_not_called_too_short_for_a_mistake_in_one_of_its_parts() -> None:
    told = _told(changed(PLAN, ARMS, "      - {arm: B, label: Second, ratio: one}\n"))

    assert [one.words for one in told.problems] == ["`ratio` must be a whole number"]


def test_a_study_without_forms_is_told_where_forms_stand() -> None:
    files = {file: content for file, content in small_files().items() if "/" not in file}

    assert "put one file for each into the folder instruments/" in str(_told(files))


def test_a_condition_too_long_to_be_tried_is_left_alone() -> None:
    never = "[start][side] = 'left' and [start][side] = 'right'"
    many = " or ".join(f"({never} and [start][weight] = {number})" for number in range(300))

    load_study(changed(PLAN, "age_years([start][birth], today) >= 18", many))


def test_a_file_saved_by_windows_with_a_mark_in_front_is_read() -> None:
    files = {file: b"\xef\xbb\xbf" + content for file, content in small_files().items()}

    assert load_study(files) == load_study(small_files())


def test_what_cannot_be_read_is_told_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "study.yaml").mkdir()

    with pytest.raises(DefinitionProblems, match=r"study\.yaml:1: the file cannot be read"):
        read_folder(tmp_path)


@pytest.mark.parametrize(
    "holds",
    [
        "[start][side] <> 'left'",
        "isblankormissingcode([start][side])",
        "abs([start][weight]) > 100 and [start][weight] = 50",  # what is reckoned with is not tried
        "[start][weight] > 50 and [start][weight] < 100",
        "[start][side] = 'left' or [start][weight] > 50",
    ],
)
def test_a_gate_that_may_be_passed_is_let_through(holds: str) -> None:
    files = changed(PLAN, 'holds: "age_years([start][birth], today) >= 18"', f'holds: "{holds}"')

    assert load_study(files).gates[0].criteria[0].holds == holds


def test_a_study_file_that_is_not_there_is_told() -> None:
    assert "missing from the folder" in str(_told({}))


@pytest.mark.parametrize(
    "content, words",
    [
        (b"title: \xff\xfe", "not UTF-8"),
        (b"title: a\nslug: b\x00c", "invisible character (U+0000)"),
        (b"a: " + b"x" * 1_000_001, "larger than"),
        (b"a: " + b"[" * 50 + b"]" * 50, "levels lie inside one another"),
        (b"- a\n- b", "keys with values"),
        (b"", "keys with values"),
        (b"a: &x [1,1]\nb: &y [*x,*x]\nc: [*y,*y]", "anchors"),
        (b"? [a, b]\n: c", "a key must be one word"),
        (b"%YAML 9.9\n---\na: b", "YAML"),
        (b"a: 'open", "not valid YAML"),
    ],
)
def test_dangerous_or_broken_yaml_is_refused_in_words(content: bytes, words: str) -> None:
    told = _told(small_files() | {"plan.yaml": content})

    assert any(words in one.words and one.file == "plan.yaml" for one in told.problems), str(told)


def test_a_visit_of_one_arm_needs_a_word_on_blind_roles() -> None:
    files = changed("study.yaml", "\n  revealing: withhold", "")
    files["plan.yaml"] = files["plan.yaml"].replace(b"until: [relapse]", b"arms: [A]")

    told = _told(files)

    assert [one.words[:20] for one in told.problems] == ["visit `later` would "]
    assert told.problems[0].file == "plan.yaml"


def test_a_shown_arm_in_a_formula_makes_its_item_arm_revealing() -> None:
    files = changed("study.yaml", "\n  revealing: withhold", "")
    basics = files["instruments/basics.yaml"]
    files["instruments/basics.yaml"] = basics.replace(
        b'"if([weight] > 100, 1, 0)"', b"\"if(allocation.arm = 'A', 1, 0)\""
    )

    told = _told(files)

    assert any("item `heavy` would tell statistician the arm" in one.words for one in told.problems)


def test_a_formula_that_gives_another_kind_than_the_item_is_refused() -> None:
    told = _told(changed("instruments/basics.yaml", "if([weight] > 100, 1, 0)", "upper('kg')"))

    assert "is to be a number" in str(told)
