"""Where the engine can matter: whose tests `make test` runs on PostgreSQL too, and why.

All other tests that build an installation run on SQLite there, and on both under `--whole`. In a
file that is not here a single test is marked: `@pytest.mark.both_engines("locks")`.
"""

from __future__ import annotations

BOTH: dict[str, tuple[str, ...]] = {
    "transactions, locks and races": (
        "fault/test_restore.py",
        "integration/test_accounts_sessions.py",
        "integration/test_accounts_sign_in.py",
        "integration/test_amending_races.py",
        "integration/test_corrections_races.py",
        "integration/test_entry_races.py",
        "integration/test_envelopes.py",
        "integration/test_ledger.py",
        "integration/test_locking.py",
        "integration/test_randomisation_draw.py",
        "integration/test_step_down.py",
        "integration/test_web_serving.py",
        "integration/test_web_standing.py",
    ),
    "constraints": (
        "integration/test_accounts_people.py",
        "integration/test_accounts_sites.py",
        "integration/test_amending.py",
        "integration/test_corrections_anchors.py",
        "integration/test_corrections_misplaced.py",
        "integration/test_corrections_moving.py",
        "integration/test_corrections_striking.py",
        "integration/test_participants_course.py",
        "integration/test_participants_screening.py",
        "integration/test_study_publishing.py",
        "integration/test_study_sites.py",
    ),
    "order, paging, counting and searching": (
        "integration/test_dashboard.py",
        "integration/test_dashboard_forms.py",
        "integration/test_dashboard_scores.py",
        "integration/test_finding.py",
        "integration/test_home.py",
        "integration/test_masked_assessor.py",
        "integration/test_oversight.py",
        "integration/test_participants_pages.py",
        "integration/test_participants_words.py",
    ),
    "documents, texts, numbers and files": (
        "integration/test_attached_files.py",
        "integration/test_cohorts.py",
        "integration/test_dose_finding.py",
        "integration/test_dose_rolling_six.py",
        "integration/test_drafts.py",
        "integration/test_entry_item_types.py",
        "integration/test_entry_saving.py",
        "integration/test_leg_assessments.py",
        "integration/test_two_randomisations.py",
        "integration/test_uploaded_list.py",
    ),
    "what is read at an instant, and in the order of the record": (
        "integration/test_export.py",
        "integration/test_export_files.py",
        "integration/test_export_pages.py",
        "integration/test_rehearsal.py",
    ),
    "migrations, backup, verification and rights": (
        "house/test_migrations.py",
        "integration/test_backup.py",
        "integration/test_verify_tampering.py",
        "integration/test_wrong_key.py",
    ),
    "each page and each command once": (
        "integration/test_corrections_pages.py",
        "integration/test_dose_commands.py",
        "integration/test_entry_pages.py",
        "integration/test_named_pages.py",
        "integration/test_randomisation_designs.py",
        "integration/test_randomisation_result.py",
        "integration/test_randomisation_sign.py",
        "integration/test_study_cli.py",
    ),
}
