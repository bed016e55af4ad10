"""Words on the page without an answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Literal

from forms.items.base import BaseItem
from forms.widgets.display import StatementText
from forms.widgets.frames import PageSettings, item_attributes
from forms.widgets.parts import Widget, hint_html, safe

if TYPE_CHECKING:
    from forms.items import Item


class Statement(BaseItem):
    """Words on the page without an answer; the label is what is shown."""

    is_answered: ClassVar[bool] = False

    type: Literal["statement"]

    def leaves(self) -> Iterator[Item]:
        """Yield nothing, for it holds no value."""
        return iter(())

    def make_control(self, page: PageSettings) -> Widget:
        """Make the words."""
        del page
        words = f'<p class="app-statement">{safe(self.label)}</p>'
        hint = hint_html(self.name, self.hint)
        return StatementText(self.name, f"<div{item_attributes(self)}>{words}{hint}</div>")
