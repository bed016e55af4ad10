"""What is only read: statements, derived values, and every item for those who may not change it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from forms.widgets.parts import Question, Shown, questions_html, safe, stored_html


@dataclass(frozen=True, slots=True)
class StatementText:
    """Words between the questions."""

    name: str
    html: str

    @property
    def first_id(self) -> str:
        """The block of words; nothing in it can be wrong."""
        return f"{self.name}-item"

    def render(self, shown: Shown) -> str:  # noqa: ARG002 - as every widget
        """Return the words; they are the same on every page."""
        return self.html


@dataclass(frozen=True, slots=True)
class ReadOnly:
    """A label and the stored value in words; a derived one may be asked about on a form."""

    name: str
    attributes: str
    label: str
    blank: str
    is_asked_about: bool = False

    @property
    def first_id(self) -> str:
        """The value, which takes the focus when a message leads to it."""
        return self.name

    def render(self, shown: Shown) -> str:
        """Return label and value; what is not there is said in words."""
        value = stored_html(shown) if shown.words else f'<i class="app-blank">{self.blank}</i>'
        error = f'<p class="nhsuk-error-message">{safe(shown.error)}</p>' if shown.error else ""
        return (
            f'<div class="app-item app-item--read"{self.attributes}>'
            f'<p class="app-label" id="{self.name}-label">{self.label}</p>{error}'
            f'<p class="app-value" id="{self.name}" tabindex="-1">{value}</p>'
            f"{self._questions(shown.questions)}{shown.below}</div>"
        )

    def _questions(self, questions: Sequence[Question]) -> str:
        if self.is_asked_about:
            return questions_html(self.name, questions)
        return "".join(
            f'<p class="app-question__words">{safe(question.message)}</p>' for question in questions
        )
