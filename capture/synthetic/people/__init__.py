"""What the invented people of each bundled study are like; one file a study.

All figures are our own defaults [D] unless a mark says where they come from; nothing here describes
real people.
"""

from __future__ import annotations

from collections.abc import Mapping

from capture.synthetic.people.ct1a_demo import CT1A_DEMO
from capture.synthetic.people.dose_demo import DOSE_DEMO
from capture.synthetic.people.functional_muscle_transfer import MUSCLE_TRANSFER
from capture.synthetic.people.gist_imatinib import GIST
from capture.synthetic.people.leanings import Profile
from capture.synthetic.people.muscle_demo import MUSCLE_DEMO

PROFILES: Mapping[str, Profile] = {
    "gist-imatinib": GIST,
    "functional-muscle-transfer": MUSCLE_TRANSFER,
    "muscle-demo": MUSCLE_DEMO,
    "dose-demo": DOSE_DEMO,
    "ct1a-demo": CT1A_DEMO,
}


def profile_of(study: str) -> Profile:
    """Return what people of a study are like; of a study without a file nothing is known."""
    return PROFILES.get(study, Profile())
