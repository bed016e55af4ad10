"""What would give an arm away, and from whom it is withheld."""

from __future__ import annotations

from forms.blinding import arm_revealing, withheld_from
from forms.definition import Role
from forms.load import load_study
from tests.unit.forms.studies import changed, demo, gist


def test_the_drug_visits_and_their_own_instrument_reveal_the_arm() -> None:
    found = arm_revealing(gist())

    assert found.visits == {"drug_m1", "drug_m3", "drug"}
    assert "imatinib_treatment" in found.instruments
    assert "imtx_dose_mg" in found.items
    assert "plt" not in found.items


def test_they_are_withheld_from_the_blinded_statistician_alone() -> None:
    assert withheld_from(gist(), Role.STATISTICIAN) == arm_revealing(gist())
    assert withheld_from(gist(), Role.NURSE).is_empty


def test_what_tells_who_takes_imatinib_after_the_draw_reveals_the_arm() -> None:
    found = arm_revealing(gist())

    assert found.instruments == {"imatinib_treatment", "imatinib_periods"}
    assert {"imp_dose_mg", "fu_tki", "fu_tki_response", "ae_related"} <= found.items
    assert found.events == {"treatment_withdrawal"}
    assert "imatinib_start" not in found.items  # before the draw, in both arms alike


def test_what_rests_on_a_thing_named_as_revealing_is_found_too() -> None:
    files = changed("study.yaml", "visible_to:", "reveals: [relapse_date]\n  visible_to:")
    files["plan.yaml"] = files["plan.yaml"].replace(b"anchor: allocation", b"anchor: relapse")

    found = arm_revealing(load_study(files))

    assert (found.events, found.visits) == ({"relapse"}, {"later"})


def test_a_study_alike_in_both_arms_reveals_nothing() -> None:
    assert arm_revealing(demo()).is_empty


def test_dependence_is_followed_from_item_to_event_to_visit() -> None:
    files = changed(
        "instruments/relapse.yaml", "label: Relapse}", "label: R, show_if: \"allocation.arm='A'\"}"
    )
    files["plan.yaml"] = files["plan.yaml"].replace(b"anchor: allocation", b"anchor: relapse")

    found = arm_revealing(load_study(files))

    assert "relapse_date" in found.items
    assert found.visits == {"later"}
    assert found.instruments == {"checkup"}
