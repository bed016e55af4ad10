"""Enters a concealed design, activates it by a second person and unseals its key by two."""

from __future__ import annotations

import re
from collections.abc import Callable

import sqlalchemy as sa
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from capture import ids
from capture.access import Action
from capture.ledger.canonical import Value
from capture.ledger.concealment import MARK, Concealment
from capture.ledger.service import Transaction
from capture.problems import ConfigurationProblem, InvalidInput, Refused, Stale
from capture.randomisation import reads
from capture.randomisation.tables import design_version
from capture.study import reads as study_reads
from capture.study.service.turns import take_turn
from forms.definition import Factor, Randomisation, Study
from randomiser import Arm as DesignArm
from randomiser import Design, DesignProblem, canonical, combine, commit_r, commitment, read_design
from randomiser import Factor as DesignFactor

SHORTEST_V = 8
LONGEST_V = 500
LONGEST_REASON = 2_000
LONGEST_FILE = 10_000
ALIAS = re.compile(r"(?m)(?:^|[\s\[{,:-])[&*]\w")
"""Aliases are refused, since they can make a short file expand without limit."""


def make_design(study: Study, name: str, version: int, content: object) -> Design:
    """Make the design of a randomisation: arms and strata of the study, parameters of the file.

    content: the parsed design file, such as {"sizes": [4, 6]}.
    Raises InvalidInput with every problem.
    """
    randomisation = study.randomisation(name)
    try:
        return read_design(
            content,
            randomisation=f"{study.slug}/{name}",
            version=version,
            method=randomisation.method,
            arms=arms_of(randomisation),
            factors=factors_of(randomisation),
            minimised=[_factor(factor) for factor in randomisation.minimisation_factors],
        )
    except DesignProblem as problem:
        raise InvalidInput("design", str(problem)) from problem


def arms_of(randomisation: Randomisation) -> list[DesignArm]:
    """Return the arms of the study as the engine needs them."""
    return [DesignArm(arm.arm, arm.ratio) for arm in randomisation.open_arms]


def factors_of(randomisation: Randomisation) -> list[DesignFactor]:
    """Return the strata of the study as the engine needs them."""
    return [_factor(factor) for factor in randomisation.strata]


def refuse_unless_fitting(randomisation: Randomisation, design: Design) -> None:
    """Raise Refused when the study no longer fits the design.

    After an arm was closed or added, or a ratio, a level or the method changed, no participant is
    randomised until a new design version is active. Earlier allocations stay as they are.
    """
    if not _fits(randomisation, design):
        raise Refused(
            "Not randomised. The study's arms or strata have changed since the design in force was "
            "made. Tell the unblinded statistician: a new design version is needed."
        )


def _fits(randomisation: Randomisation, design: Design) -> bool:
    said = (
        randomisation.method,
        tuple(arms_of(randomisation)),
        tuple(factors_of(randomisation)),
        tuple(_factor(factor) for factor in randomisation.minimisation_factors),
    )
    return said == (design.method.name, design.arms, design.factors, design.minimised)


def refuse_unless_in_force(tx: Transaction, study: Study, study_version: int) -> None:
    """Raise Stale when another version of the study was published since this request began.

    Arms, strata and gate were read before the password check and before the lock.
    """
    if study_reads.get_version_number(tx.connection, study.slug) != study_version:
        raise Stale(
            "The study was published anew while this was sent. Nothing was changed. "
            "Load the page again."
        )


def _factor(factor: Factor) -> DesignFactor:
    """Make a factor: closed with declared levels, else open to new codes with a level each."""
    levels = tuple(factor.levels) if factor.levels is not None else None
    return DesignFactor(factor.factor, levels)


def parse_design(text: str) -> object:
    """Parse a design file (YAML). Raises InvalidInput for anything else."""
    if len(text) > LONGEST_FILE or ALIAS.search(text):
        raise InvalidInput("design", "A design file is short and has neither anchors nor aliases.")
    try:
        content: object = YAML(typ="safe", pure=True).load(text)
    except (YAMLError, ValueError, RecursionError) as problem:
        raise InvalidInput("design", "This is not YAML, such as sizes: [4, 6].") from problem
    if content is None:
        raise InvalidInput("design", "Choose a design file, or type its text.")
    return content


def enter_design(
    tx: Transaction, study: Study, study_version: int, name: str, content: object
) -> str:
    """Store a design concealed and commit to the server's half of its key.

    Returns the id of the new design version. The server generates R and records SHA-256(R) in the
    ledger here, before the second person gives v. Raises InvalidInput, NotAllowed, Refused.
    """
    return keep_design(
        tx, study, study_version, name, lambda number: make_design(study, name, number, content)
    )


def keep_design(
    tx: Transaction, study: Study, study_version: int, name: str, make: Callable[[int], Design]
) -> str:
    """Store the design that `make` returns for the next version number, as `enter_design` does."""
    act = tx.about(f"randomisation/{name}", study=study.slug, study_version=study_version).require(
        Action.RANDOMISATION_ENTER_DESIGN
    )
    take_turn(tx, study.slug)
    _unblinded_only(study.randomisation(name))
    number = len(reads.list_design_versions(tx.connection, study.slug, name)) + 1
    design = make(number)
    version_id = f"{name}/{number}"
    purpose = f"{study.slug}/{version_id}"
    r = ids.random_bytes(32)
    act.record(
        Action.RANDOMISATION_ENTER_DESIGN,
        {
            "id": version_id,
            "number": number,
            "r_hash": commit_r(r).hex(),
            "concealed_design": _conceal_state(tx, canonical(design).decode(), f"{purpose}/design"),
            "concealed_r": _conceal_state(tx, r.hex(), f"{purpose}/r"),
        },
    )
    return version_id


def _conceal_state(tx: Transaction, value: Value, purpose: str) -> str:
    """Encrypt a value that stays concealed in the folded state, without the mark of ledger bodies.

    Values with that mark are decrypted whenever the ledger is read.
    """
    return tx.concealment.conceal(value, purpose).removeprefix(MARK)


def _unblinded_only(randomisation: Randomisation) -> Randomisation:
    if randomisation.blinded:
        raise Refused(
            "This release cannot run a blinded randomisation: arms would lie open in the record. "
            "Nothing was stored."
        )
    return randomisation


def activate(
    tx: Transaction, study: Study, study_version: int, version_id: str, *, v: str, key_copy: str
) -> str:
    """Activate a design version with the second person's value; return the commitment.

    v: at least eight characters that nobody could foresee (dice, a newspaper).
    key_copy: the separate copy of the concealment key, as hexadecimal text, to be tested.
    Raises Refused when the same person entered the design, it is not waiting, the study has
    changed or the database was restored since, or a halt is not reconciled; InvalidInput.
    """
    tx.role(Action.RANDOMISATION_ACTIVATE, study.slug)
    row = _locked_version(tx, study.slug, version_id)
    if row["state"] != "entered":
        raise Refused("This design version is not waiting to be activated. Reload the page.")
    if row["entered_by"] == tx.actor.id:
        raise Refused("You entered this design. A second person must activate it.")
    _refuse_after_restore(tx, study.slug, row)
    v = v.strip()
    if not SHORTEST_V <= len(v) <= LONGEST_V:
        raise InvalidInput(
            "v", f"Give {SHORTEST_V} to {LONGEST_V} characters that nobody could foresee."
        )
    purpose = f"{study.slug}/{version_id}"
    _prove_copy(key_copy, row["concealed_design"], f"{purpose}/design")
    r = bytes.fromhex(str(tx.concealment.reveal(row["concealed_r"], f"{purpose}/r")))
    design = reads.read_design_file(tx.concealment, row["concealed_design"], purpose)
    if not _fits(study.randomisation(row["randomisation"]), design):
        raise Refused(
            "The study's arms or strata have changed since this design was entered, so no "
            "participant could be randomised by it. The unblinded statistician has to enter it "
            "again."
        )
    key, salt = combine(r, v.encode()), ids.random_bytes(32)
    sealed = commitment(design, key, salt).hex()
    secrets: Value = {"key": key.hex(), "salt": salt.hex()}
    tx.about(
        f"randomisation/{row['randomisation']}",
        study=study.slug,
        study_version=study_version,
    ).record(
        Action.RANDOMISATION_ACTIVATE,
        {
            "id": version_id,
            "v": v,
            "commitment": sealed,
            "concealed_key": _conceal_state(tx, secrets, f"{purpose}/key"),
        },
    )
    return sealed


def _refuse_after_restore(tx: Transaction, study: str, row: sa.RowMapping) -> None:
    """Raise Refused when a restore may have undone an activation of the same design.

    With the same v its R would give the same key and the same list positions again. Until the
    receipts are reconciled, a new design could also get the version number of a lost one.
    """
    if reads.has_halted_since(tx.connection, study, row["randomisation"], row["entered_at"]):
        raise Refused(
            "The database was restored after this design was entered, so its half of the key may "
            "have been in use already. The unblinded statistician has to enter it again."
        )
    if reads.find_open_halt(tx.connection, study, row["randomisation"]):
        raise Refused(
            "Randomisation is halted after a restore. Two people have to reconcile it before a "
            "design is activated, so that no receipt of a lost design is taken for one of this."
        )


def _locked_version(tx: Transaction, study: str, version_id: str) -> sa.RowMapping:
    """Lock a design version: no other is entered, activated or unsealed at the same time."""
    take_turn(tx, study)
    found = (
        tx.connection.execute(
            sa.select(design_version)
            .where(design_version.c.study == study, design_version.c.id == version_id)
            .with_for_update()
        )
        .mappings()
        .first()
    )
    if found is None:
        raise Refused("This design version is not known. Reload the page.")
    return found


def _prove_copy(key_copy: str, concealed: str, purpose: str) -> None:
    """Raise InvalidInput unless the separate copy of the concealment key decrypts the design."""
    problem = InvalidInput(
        "key_copy",
        "This copy does not open the design. Take the copy of the concealment key that is kept "
        "apart from the server (64 hexadecimal characters).",
    )
    try:
        key = bytes.fromhex(key_copy.strip())
    except ValueError as wrong:
        raise problem from wrong
    if len(key) != 32:
        raise problem
    try:
        Concealment(key).reveal(concealed, purpose)
    except ConfigurationProblem as wrong:
        raise problem from wrong


def ask_unsealing(tx: Transaction, study: str, version_id: str, reason: str) -> None:
    """Ask to unseal a key, as the first person. Raises Refused, InvalidInput."""
    tx.role(Action.RANDOMISATION_DISCLOSE_KEY, study)
    row = _locked_version(tx, study, version_id)
    if row["state"] not in ("active", "superseded", "closed"):
        raise Refused("Only the key of an activated design can be unsealed.")
    if not 1 <= len(reason.strip()) <= LONGEST_REASON:
        raise InvalidInput(
            "reason", f"Say why the key is to be unsealed, in at most {LONGEST_REASON} letters."
        )
    tx.about(f"randomisation/{row['randomisation']}", study=study).record(
        Action.RANDOMISATION_DISCLOSE_KEY,
        {"id": version_id, "disclosed": False},
        reason=reason.strip(),
    )


def unseal(tx: Transaction, study: str, version_id: str) -> None:
    """Unseal a key, as the second person; all its lists are closed for good. Raises Refused."""
    tx.role(Action.RANDOMISATION_DISCLOSE_KEY, study)
    row = _locked_version(tx, study, version_id)
    if not row["disclosure_requested_by"] or row["state"] == "disclosed":
        raise Refused("No request to unseal this key has been made.")
    if row["disclosure_requested_by"] == tx.actor.id:
        raise Refused("You asked for this. A second person must unseal the key.")
    tx.about(f"randomisation/{row['randomisation']}", study=study).record(
        Action.RANDOMISATION_DISCLOSE_KEY, {"id": version_id, "disclosed": True}
    )
