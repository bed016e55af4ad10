"""Labels that no unit uses, by place, and what to say: the pages' half of the field's words.

A label is forbidden only as a whole, in the place named. `DOCS` are whole phrases in bold, italics,
quotation marks or a cell of a table.
"""

from __future__ import annotations

from dataclasses import dataclass

GIST = "forms/studies/gist-imatinib/"
LEGS = "forms/studies/functional-muscle-transfer/"
LIBRARY = "forms/library/"
STUDIES = ("forms/library/", "forms/studies/", "tests/studies/")
HOME, PEOPLE, CONSENTS = "capture/home/", "capture/participants/", "capture/participants/views/"
CORRECTIONS, ENTRY, COHORTS = "capture/corrections/", "capture/entry/", "capture/cohorts/"
RANDOMISATION, STUDY, ACCOUNTS = "capture/randomisation/", "capture/study/", "capture/accounts/"
EXPORT, SHARED = "capture/export/views.py", "capture/templates/"
DATASETS = "capture/export/templates/"


@dataclass(frozen=True)
class Row:
    """What is refused in which files or folders, and what a unit would say."""

    places: tuple[str, ...]
    labels: tuple[str, ...]
    instead: str


def _row(places: str | tuple[str, ...], labels: tuple[str, ...], instead: str) -> Row:
    return Row((places,) if isinstance(places, str) else places, labels, instead)


ROWS = (
    _row(HOME, ("Stands",), "Status"),
    _row((CORRECTIONS, PEOPLE), ("Put something right",), "Corrections"),
    _row(
        (CORRECTIONS, ENTRY, PEOPLE),
        (
            "entered in error",
            "belongs to another participant",
            "This form was entered in error",
            "This belongs to another participant",
            "The visit was entered in error",
        ),
        "Mark as entered in error; Move to another participant",
    ),
    _row(CORRECTIONS, ("Put the answers where they belong",), "Move the data"),
    _row(CORRECTIONS, ("Check both sides", "Look at both sides"), "Review before moving; Compare"),
    _row(
        CORRECTIONS,
        ("From which save on are the answers wrong here?",),
        "Which version is the first with the wrong data?",
    ),
    _row(
        ("capture/",),
        ("It stands in the history beside the act. No names.",),
        "Shown in the audit trail. Do not enter names.",
    ),
    _row(CORRECTIONS, ("Not in error after all", "Not in error after all?"), "Reinstate"),
    _row(
        ("capture/static/", "capture/templates/", "forms/widgets/", ENTRY),
        ("Missing?", "Not missing"),
        "Reason missing; Clear reason",
    ),
    _row(STUDIES, ("Missing", "Unable", "Refused"), "Not recorded; Unable to complete; Declined"),
    _row(
        (ENTRY, PEOPLE),
        ("This form was not done", "The visit was not done"),
        "Mark form as not done; Record missed visit",
    ),
    _row((PEOPLE, CORRECTIONS), ("Best day", "Took place on"), "Target date; Visit date"),
    _row(PEOPLE, ("Appointment, or visit not done",), "Book appointment; Record missed visit"),
    _row(PEOPLE + "views/", ("No longer planned",), "Cancelled"),
    _row(ENTRY, ("At any time",), "Log form"),
    _row((PEOPLE, ENTRY), ("Add:",), "Add and the log's title"),
    _row(GIST, ("Imatinib so far",), "Prior imatinib treatment"),
    _row(GIST, ("Imatinib period",), "Imatinib dosing"),
    _row(GIST, ("Doses that should have been taken",), "Doses prescribed (expected)"),
    _row(GIST, ("Packs brought back",), "Packs returned"),
    _row(
        GIST,
        ("Days without imatinib since the first dose, all together",),
        "Total days of treatment interruption",
    ),
    _row(GIST, ("Daily dose now",), "Current daily dose"),
    _row(STUDIES[:2], ("Date asked", "Date asked or tested"), "Date of assessment"),
    _row(GIST, ("Where the tumour began",), "Primary tumour site"),
    _row(
        STUDIES[:2],
        ("Where the tumour was", "Where"),
        "Local (tumour bed); Site(s) of recurrence",
    ),
    _row(STUDIES[:2], ("Elsewhere", "Another", "Something else"), "Other, or Other, specify"),
    _row(
        STUDIES[:2],
        (
            "Result of surgery",
            "R0: nothing left, edges clear",
            "R1: nothing seen to be left, tumour cells at the edge",
            "R2: tumour seen to be left",
        ),
        "Resection margin: R0 (complete, margins clear) and so on",
    ),
    _row(
        GIST,
        ("KIT, another exon", "PDGFRA, another", "Neither KIT nor PDGFRA"),
        "KIT, other; PDGFRA, other; KIT/PDGFRA wild type",
    ),
    _row(GIST, ("KIT or DOG-1 stain",), "KIT (CD117) or DOG1 immunohistochemistry"),
    _row(GIST, ("High risk that the tumour returns",), "Risk of recurrence (high)"),
    _row(STUDIES[:2], ("Operation",), "Surgery"),
    _row(GIST, ("Imatinib before surgery",), "Neoadjuvant imatinib"),
    _row(GIST, ("Could not be read", "Unclear", "Method"), "Not evaluable; Equivocal; Modality"),
    _row(
        GIST,
        ("State of the disease", "Free of disease"),
        "Disease status; No evidence of disease",
    ),
    _row(
        GIST,
        ("How this is known", "Another doctor"),
        "Source of information; GP or other clinician",
    ),
    _row(GIST, ("New cancer of another kind",), "Second primary malignancy"),
    _row(
        STUDIES[:2],
        ("White blood cells", "Blood count", "Kidney and liver function"),
        "White cell count (WBC); Full blood count; U&Es and LFTs",
    ),
    _row(
        LIBRARY,
        (
            "Cannot become pregnant",
            "Agrees to reliable contraception for as long as the protocol asks",
        ),
        "Not of childbearing potential; Agrees to use effective contraception as per protocol",
    ),
    _row(
        LIBRARY,
        ("Date it began", "Date it ended", "Judgement", "Worst grade"),
        "Onset date; End date; Assessment; CTCAE grade (maximum)",
    ),
    _row(
        LIBRARY,
        ("Related to the trial medicine", "Resolved with lasting effects", "Resolving"),
        "Causality (relationship to study treatment); Recovered with sequelae; Recovering",
    ),
    _row(
        LIBRARY,
        ("The tumour", "Treatment of the tumour"),
        "Disease under study; Treatment-related",
    ),
    _row(
        PEOPLE,
        ("Where found", "Where found (optional)", "Multidisciplinary meeting", "Elsewhere"),
        "Source of referral; MDT; Other",
    ),
    _row(CONSENTS, ("Date screened", "Age", "Age (optional)"), "Date of screening; Age group"),
    _row(PEOPLE, ("Note why not enrolled",), "Record as not recruited"),
    _row(
        PEOPLE,
        (
            "Was not asked",
            "The treating doctor decided against it",
            "Takes part in another study",
        ),
        "Not approached; Clinician decision; In another trial",
    ),
    _row(PEOPLE, ("Record consent, or consent again",), "Record consent or re-consent"),
    _row((PEOPLE, RANDOMISATION), ("Version of the consent form",), "PIS/ICF version"),
    _row(
        (PEOPLE, RANDOMISATION),
        ("Only used here to look for the same person", "Only used to look for the same person."),
        "Used to check for duplicates.",
    ),
    _row(
        (PEOPLE, RANDOMISATION),
        ("How do you know?",),
        "Reason that this is a different person",
    ),
    _row(CONSENTS, ("To",), "Consent for"),
    _row(STUDIES[1:2], ("Taking part in the trial",), "Trial participation (main consent)"),
    _row(
        PEOPLE,
        ("Record a loss to follow-up", "What was tried"),
        "Record lost to follow-up; Contact attempts made",
    ),
    _row(PEOPLE + "records.py", ("Taking part", "Enrolled"), "Active; Registered"),
    _row(
        PEOPLE,
        ("any further collection of data", "Who asked for it"),
        "Further data collection; Withdrawal initiated by",
    ),
    _row(
        (*STUDIES, COHORTS, RANDOMISATION),
        ("Who may be randomised", "What must hold"),
        "Eligibility criteria",
    ),
    _row(
        (HOME, RANDOMISATION, COHORTS),
        ("A doctor's confirmation of eligibility", "Where it is documented"),
        "Investigator's confirmation of eligibility; Source document",
    ),
    _row(
        RANDOMISATION + "templates/",
        ("Strata as used", "Strata"),
        "Stratification factors",
    ),
    _row(GIST + "randomisations.yaml", ("Tumour rupture",), "Rupture"),
    _row(HOME, ("Drawing", "Running"), "Status; Randomisation open"),
    _row(
        GIST,
        ("Continue to 5 years", "Stop at 3 years"),
        "5 years (continue imatinib); 3 years (stop imatinib)",
    ),
    _row(
        RANDOMISATION,
        ("Keep", "Download the signed receipt"),
        "For your records; Download randomisation confirmation",
    ),
    _row(
        (RANDOMISATION + "templates/", HOME),
        ("To be told", "Told", "Still to be told of an allocation", "Still to be told"),
        "Notifications; Mark as notified; Allocation not yet notified",
    ),
    _row(PEOPLE, ("There is nothing to do now.",), "No actions due."),
    _row(HOME, ("On the way into the study",), "Awaiting enrolment"),
    _row(
        (HOME, PEOPLE),
        ("Not randomised yet", "Look at the participant"),
        "Awaiting randomisation; Review",
    ),
    _row((HOME, PEOPLE), ("Typed and not saved",), "Unsaved drafts"),
    _row(
        HOME,
        ("Form to enter", "Late by", "Window"),
        "Form due; Days overdue; Visit window",
    ),
    _row(
        (HOME + "site_work.py", ENTRY + "views/", ENTRY + "templates/"),
        ("Question", "Open questions about answers"),
        "Query text; Open queries",
    ),
    _row(("forms/", "capture/static/"), ("Yes, it is right",), "Confirmed correct"),
    _row(
        ENTRY,
        (
            "Why do the values change?",
            "The source was corrected",
            "In your own words",
            "Another participant's value",
        ),
        "Reason for change; Source document corrected; Other, specify; Wrong participant",
    ),
    _row("forms/widgets/", ("Worked out when the form is saved",), "Calculated on save"),
    _row(
        LIBRARY,
        ("How the LEFS could be scored", "LEFS, raised to 20 items"),
        "Scoring status; LEFS, pro-rated",
    ),
    _row(LIBRARY, ("Items answered 1 to 5", "Sum of these items"), "Items scored; Raw score"),
    _row(
        LEGS,
        (
            "Takes part",
            "After an operation on the leg",
            "From before an operation on the leg",
        ),
        "Entry route: Post-operative, Pre-operative, Non-operated control",
    ),
    _row(
        LEGS,
        ("Comes to further assessments", "Comes to further assessments (optional)"),
        "Consents to longitudinal follow-up",
    ),
    _row(
        LEGS,
        (
            "Taking part and health",
            "Other illnesses",
            "Back trouble",
            "Mostly on one's feet",
        ),
        "Participant details; Comorbidities; Back pain; Mainly standing",
    ),
    _row(LIBRARY, ("Operated on for", "Injury"), "Indication; Trauma"),
    _row(
        LIBRARY,
        ("A muscle was transferred to take over the work",),
        "Functional muscle transfer performed",
    ),
    _row(
        LIBRARY,
        ("Nerves cut", "Front and side of the lower leg", "Calf"),
        "Nerves sacrificed; Anterior/lateral compartment; Posterior compartment",
    ),
    _row(
        COHORTS,
        ("The cohort cannot be told yet",),
        "Cohort cannot be determined yet",
    ),
    _row(
        COHORTS,
        ("Date of the evidence", "Cohort by what is entered"),
        "Date of source document; Cohort (derived)",
    ),
    _row(
        LEGS,
        ("The assessor did not know which operation was done",),
        "Assessor blinded to procedure",
    ),
    _row(
        LIBRARY,
        ("Who judged", "How it was judged", "Points", "Supports"),
        "Assessed by; Mode of assessment; Score; Walking aids/supports",
    ),
    _row(
        (STUDY, HOME),
        ("Participants aimed at", "aimed at by", "Aimed at by today", "Aimed at by then"),
        "Recruitment target; Expected to date",
    ),
    _row(
        STUDY,
        ("Open from", "Closed from", "Not open yet"),
        "Opening date; Closure date; In set-up",
    ),
    _row(
        STUDY,
        ("What rules read of this site", "the start"),
        "Site attributes (used in stratification); from opening",
    ),
    _row(STUDY, ("Short name",), "Site code"),
    _row(STUDY, ("Doctors who may confirm eligibility",), "Delegation log: eligibility"),
    _row(
        ACCOUNTS,
        ("Who has or had a role in this study", "Give the role", "End the role"),
        "User access; Assign role; Remove access",
    ),
    _row(
        ACCOUNTS + "templates/",
        ("End", "End all other sessions"),
        "Remove access; Sign out; Sign out other devices",
    ),
    _row((ACCOUNTS + "templates/", SHARED), ("Who may do what",), "Roles and permissions"),
    _row(ACCOUNTS, ("Keep this setting",), "Save"),
    _row(
        (EXPORT, DATASETS),
        (
            "Taken before",
            "Make the datasets",
            "Why identifying items are needed",
            "Events up to",
            "As of",
            "Known up to",
            "Seen as",
        ),
        "Previous exports; Create export; Justification for identifiers; Data cut-off date; As at",
    ),
    _row(HOME, ("Forms begun and not complete",), "Incomplete forms"),
    _row(
        (PEOPLE, SHARED + "macros/lists.html"),
        ("On a page", "Part of a number", "Show"),
        "Rows per page; Search; Apply",
    ),
    _row("capture/", ("This page does not work that way",), "Page not available"),
    _row(
        "capture/",
        ("Test study: no real people, nothing here counts.",),
        "Test study: not for real participants",
    ),
    _row(SHARED, ("Lock",), "Lock screen"),
    _row(
        "capture/oversight/templates/",
        ("The trail, newest first", "Act", "Done by", "Take it away", "position"),
        "Audit trail; Action; User; Export the audit trail; entry no.",
    ),
)

SHORT = 10
"""A label of so few letters is too ordinary to be looked for in the documents."""
DOCS = frozenset(label for row in ROWS for label in row.labels if len(label) > SHORT)
