"""Setting a rehearsal up: the study in state test, its sites and staff, and an activated design."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ruamel.yaml import YAML

from capture import ids
from capture.access import SYSTEM_ACTOR, Actor, Grant, Role
from capture.accounts import reads as account_reads
from capture.accounts import service as accounts
from capture.installation import Services
from capture.ledger.service import Transaction, transaction
from capture.problems import Refused
from capture.randomisation import reads as randomisation_reads
from capture.randomisation.designs.service import designs
from capture.randomisation.designs.service.list_upload import upload_list
from capture.study import reads as studies
from capture.study import service as study_service
from capture.synthetic.made_up_list import make_up_list
from forms.definition import Randomisation, Study
from forms.load import BUNDLED_STUDIES, read_folder
from randomiser import METHODS

DESIGNS = Path(__file__).resolve().parents[2] / "tests" / "designs"
NO_PASSWORD = "rehearsal staff cannot sign in"  # noqa: S105  (no hash: every password is refused)
DOCTORS = ("Dr A. Lindqvist", "Dr B. Okafor")


@dataclass(frozen=True)
class Setup:
    """What a rehearsal runs on: the installation, the study, and who acts."""

    services: Services
    study: Study
    version: int
    sites: tuple[studies.Site, ...]
    staff: dict[tuple[Role, str], Actor]

    @contextmanager
    def acting(self, role: Role, site: str = "") -> Iterator[Transaction]:
        """One act of the person with this role (at this site), as any other act of the program."""
        actor = self.staff[role, site]
        with transaction(
            self.services.database,
            actor,
            self.services.concealment,
            request_id=ids.new_id(),
        ) as tx:
            yield tx


def prepare(services: Services, slug: str, folder: Path | None, first_day: date) -> Setup:
    """Publish what is not there yet, and bring staff, delegation lists and designs into place.

    Raises Refused for a study that is live, has no site, or is neither published nor bundled.
    """
    version = _get_or_publish(services, slug, folder or BUNDLED_STUDIES / slug)
    with services.database.reading() as connection:
        study = studies.get_definition(connection, version)
        sites = tuple(studies.list_all_sites(connection, slug))
    if not sites:
        raise Refused(f"{slug} has no site. Add one with `sarcomere site add` and `site open`.")
    staff = _add_staff(services, study, sites, first_day)
    setup = Setup(services, study, version.number, sites, staff)
    _delegate(setup, first_day)
    for randomisation in study.randomisations:
        _activate(setup, randomisation)
    return setup


def _get_or_publish(services: Services, slug: str, folder: Path) -> studies.StudyVersion:
    with services.database.reading() as connection:
        versions = studies.list_versions(connection, slug)
    if any(version.state == studies.LIVE for version in versions):
        raise Refused(f"{slug} is live. A rehearsal would put invented people among real ones.")
    if versions:
        return versions[0]
    if not (folder / "study.yaml").is_file():
        raise Refused(f"There is no study {slug}: it is neither published nor bundled.")
    checked = study_service.check_definition(read_folder(folder))
    with transaction(services.database, SYSTEM_ACTOR, services.concealment) as tx:
        return study_service.publish(tx, checked, study=slug, add_sites=True)


def _add_staff(
    services: Services, study: Study, sites: tuple[studies.Site, ...], first_day: date
) -> dict[tuple[Role, str], Actor]:
    posts = [(role, site.slug) for site in sites for role in (Role.NURSE, Role.INVESTIGATOR)]
    posts += [(role, "") for role in (Role.DATA_MANAGER, Role.UNBLINDED, Role.TRIAL_MANAGER)]
    posts += [(Role.COMMITTEE, "")] if study.dose_finding else []
    with transaction(services.database, SYSTEM_ACTOR, services.concealment) as tx:
        staff = {}
        for role, site in posts:
            staff[role, site] = _add_member(tx, study.slug, role, site, first_day)
        return staff


def _add_member(tx: Transaction, slug: str, role: Role, site: str, first_day: date) -> Actor:
    place = f"-{site.replace('_', '-')}" if site else ""
    email = f"{role.value.replace('_', '-')}{place}@{slug}.example"
    name = f"Rehearsal {role.label}" + (f", {site}" if site else "")
    account = account_reads.find_account_by_email(tx.connection, email)
    if account is None:
        user = accounts.create_user(tx, email, name, NO_PASSWORD)
        sites = (site,) if site else None
        accounts.grant(tx, slug, accounts.NewMembership(user, role, sites, first_day.isoformat()))
    else:
        user = account.id
    grant = Grant(slug, role, frozenset({site}) if site else None)
    return Actor(user, name, email=email, grants=(grant,))


def _delegate(setup: Setup, first_day: date) -> None:
    for site in setup.sites:
        with setup.acting(Role.TRIAL_MANAGER) as tx:
            delegates = {
                row.name
                for row in studies.list_delegates(tx.connection, setup.study.slug, site.slug)
            }
            for doctor in DOCTORS:
                if doctor not in delegates:
                    study_service.delegate(
                        tx,
                        setup.study.slug,
                        site.slug,
                        doctor,
                        role_note="Oncologist",
                        since=first_day,
                    )


def _activate(setup: Setup, randomisation: Randomisation) -> None:
    """Act as both people of the design: the statistician enters it, the trial manager gives v."""
    slug, name = setup.study.slug, randomisation.name
    with setup.services.database.reading() as connection:
        if randomisation_reads.find_active_version(connection, slug, name) is not None:
            return
    with setup.acting(Role.UNBLINDED) as tx:
        if METHODS[randomisation.method].takes_list:
            made_up = make_up_list(setup.study, name)
            version_id = upload_list(tx, setup.study, setup.version, name, made_up)
        else:
            content = design_content(slug, randomisation)
            version_id = designs.enter_design(tx, setup.study, setup.version, name, content)
    with setup.acting(Role.TRIAL_MANAGER) as tx:
        designs.activate(
            tx,
            setup.study,
            setup.version,
            version_id,
            v=ids.random_bytes(16).hex(),
            key_copy=setup.services.config.concealment_key.hex(),
        )


def design_content(slug: str, randomisation: Randomisation) -> object:
    """Return the test design of a bundled study; for any other one that suits its method."""
    path = DESIGNS / f"{slug}.{randomisation.name}.yaml"
    if path.is_file():
        return YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    return METHODS[randomisation.method].offered_file(designs.arms_of(randomisation))
