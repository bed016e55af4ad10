"""Names say what a thing is or does: a class once in `capture`, a function by its verb."""

from __future__ import annotations

import ast
from collections import defaultdict

from tests.house import tree

PAST_FORMS = frozenset(
    {
        "asked",
        "begun",
        "brought",
        "built",
        "chosen",
        "done",
        "drawn",
        "found",
        "given",
        "gone",
        "heard",
        "held",
        "hidden",
        "kept",
        "known",
        "left",
        "lost",
        "made",
        "met",
        "paid",
        "said",
        "seen",
        "sent",
        "shown",
        "sold",
        "spoken",
        "struck",
        "taken",
        "told",
        "thought",
        "understood",
        "wanted",
        "worn",
        "written",
    }
)
NO_PAST_FORM = frozenset({"bed", "embed", "exceed", "feed", "need", "proceed", "seed", "speed"})
READ_VERBS = (
    *("find", "get", "list"),
    *("is", "has", "may", "can"),
    *("count", "make", "read", "register"),
)
"""How a public function of a `reads` module begins: it may be none, must be one, is a list, ..."""
PROPERTIES = ("property", "cached_property")


def is_bare_past_form(name: str) -> bool:
    """Whether a function is named by a participle or past form alone, or by `one`."""
    word = name.strip("_")
    ends_so = word.endswith("ed") and "_" not in word and word not in NO_PAST_FORM
    return word == "one" or word in PAST_FORMS or ends_so


def is_property(function: tree.Function) -> bool:
    words = {word for item in function.node.decorator_list for word in ast.unparse(item).split(".")}
    return bool(words & set(PROPERTIES))


def is_read(module: tree.Module) -> bool:
    return module.path.startswith("capture/") and "reads" in module.name.split(".")


def misnamed_functions() -> list[tuple[tree.Function, str]]:
    return [
        (function, function.node.name)
        for function in tree.functions()
        if is_bare_past_form(function.node.name) and not is_property(function)
    ]


def misnamed_reads() -> list[tuple[tree.Module, str]]:
    return [
        (module, node.name)
        for module in tree.modules("capture")
        if is_read(module)
        for node in module.tree.body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
        if node.name.partition("_")[0] not in READ_VERBS
    ]


def variables_called_one() -> list[tuple[tree.Module, int]]:
    return [
        (module, node.lineno)
        for module in tree.modules()
        for node in ast.walk(module.tree)
        if (isinstance(node, ast.Name) and node.id == "one" and isinstance(node.ctx, ast.Store))
        or (isinstance(node, ast.arg) and node.arg == "one")
    ]


def repeated_classes() -> dict[str, list[tree.Module]]:
    places = defaultdict(list)
    for module in tree.modules("capture"):
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ClassDef):
                places[node.name].append(module)
    return {name: modules for name, modules in places.items() if len(modules) > 1}


def test_a_class_name_stands_once_in_capture() -> None:
    wrong = [
        f"{module.path} {name}: give each of these classes the name of its own thing"
        for name, modules in repeated_classes().items()
        for module in modules
    ]

    assert wrong == []


def test_no_function_is_named_by_a_bare_past_form() -> None:
    wrong = [
        f"{function.place}: name it by a verb and a noun, such as list_saved_items for _saved"
        for function, name in misnamed_functions()
    ]

    assert wrong == []


def test_a_read_begins_with_the_verb_that_says_what_it_gives() -> None:
    wrong = [
        f"{module.path} {name}: begin with find_ (may be none), get_ (must be one), list_, or "
        f"one of {', '.join(READ_VERBS)}"
        for module, name in misnamed_reads()
    ]

    assert wrong == []


def test_no_variable_is_called_one() -> None:
    wrong = [
        f"{module.path}:{line} one: call the variable after the thing it stands for"
        for module, line in variables_called_one()
    ]

    assert wrong == []
