"""What actions on queries are called."""

from __future__ import annotations

from capture.access import Action
from capture.ledger.action_labels import Audience, BodyLabel, label_actions
from capture.timeline import read_item

label_actions(
    {
        Action.QUERY_OPEN: ("Query opened", ""),
        Action.QUERY_ANSWER: ("Query answered", "Answer queries"),
    },
    {
        "item": BodyLabel("Item", audience=Audience.WHO_SEES_THE_ITEM, read=read_item),
        "kind": BodyLabel("Kind", is_spaced=True),
        "message": BodyLabel("Query text", audience=Audience.WHO_SEES_THE_VALUE),
        "answer": "Answer",
    },
    not_shown=("id", "site", "visit", "entry", "key"),
)
