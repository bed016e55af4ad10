"""Whatever is typed as an expression is read or refused in words, and what is read evaluates."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from forms.expressions import UNKNOWN, ExpressionProblem, Missing, Mode, evaluate, parse
from tests.unit.expressions.scopes import WrittenScope

PIECES = st.sampled_from(
    ["[a]", "[b(1)]", "[v][a][2]", "[event-name]", "[", "]", "(", ")", ",", "1", ".5", "'x'", "'",
     "“y”", "and", "or", "not", "!", "=", "<>", "=>", "+", "-", "*", "/", "%", "^", "if(", "sum(",
     "round(", "datediff(", "today", "site.country", "allocation('x').arm", "\n# note\n", "\\", "$",
     "true", " "]
)  # fmt: skip
TYPED = st.lists(PIECES, max_size=12).map("".join) | st.text(max_size=20)
PLAIN = (float, str, bool, Missing, type(None), type(UNKNOWN))


@settings(max_examples=150)
@given(TYPED)
def test_any_text_is_read_and_evaluated_or_refused_in_words(text: str) -> None:
    try:
        tree = parse(text)
    except ExpressionProblem as problem:
        results: list[object] = [str(problem)]
    else:
        results = [evaluate(tree, WrittenScope(), mode) for mode in Mode]

    assert all(isinstance(result, PLAIN) for result in results)
