"""Words of a mapping that are data: what columns of codes may hold, and what Danish systems call the columns."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from models.vocabulary import vocabulary
from service.intake.schema import Column


def allowed(column: Column) -> frozenset[str]:
    """The words a column may hold; none where it may hold any."""
    own = {"kind": vocabulary().kinds, "role": vocabulary().roles}
    return own.get(column.name, column.choices)


def words_for(choice: str) -> tuple[str, ...]:
    """A word of a closed list, and what Danish systems write for it."""
    return (choice, *_CHOICES.get(choice, ()))


_CHOICES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "personal_care": ("personlig pleje", "pleje", "PP"),
        "practical_help": ("praktisk hjælp", "rengøring", "PH"),
        "nursing": ("sygepleje", "SPL besøg"),
        "rehabilitation": ("rehabilitering", "træning", "genoptræning"),
        "night": ("nat", "natbesøg", "nattevagt"),
        "acute": ("akut", "akutbesøg"),
        "completed": ("udført", "leveret", "gennemført"),
        "declined": ("afvist", "takket nej"),
        "no_response": ("ikke hjemme", "åbner ikke", "forgæves"),
        "cancelled": ("aflyst", "annulleret"),
        "planned": ("planlagt", "disponeret"),
        "active": ("aktiv",),
        "inactive": ("inaktiv", "afsluttet", "ophørt"),
        "female": ("kvinde", "K", "F"),
        "male": ("mand", "M"),
        "SSH": ("social- og sundhedshjælper", "sosu-hjælper", "hjælper"),
        "SSA": ("social- og sundhedsassistent", "sosu-assistent", "assistent"),
        "SPL": ("sygeplejerske", "hjemmesygeplejerske"),
        "TER": ("terapeut", "fysioterapeut", "ergoterapeut"),
        "LEADER": ("leder", "teamleder", "gruppeleder"),
        "citizen": ("borger", "borgeren", "egenmåling"),
        "device": ("apparat", "udstyr", "sensor"),
        "other": ("andet", "andre", "øvrige"),
        "admit-inpatient": ("STIN", "indlagt"),
        "admit-emergency": ("STAA", "akut ambulant"),
        "start-leave-inpatient": ("STOR", "orlov start"),
        "end-leave-inpatient": ("SLOR", "orlov slut"),
        "discharge-inpatient-home": ("SLHJ", "udskrevet"),
        "deceased": ("MORS", "død"),
    }
)
"""What systems and MedCom's overview write for the words of closed lists: for likeness, and never taken unasked."""

COLUMN_WORDS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "citizen_id": ("borger", "borger_id", "borgernr", "cpr", "cprnr", "personnummer", "patient", "person_id"),
        "birth_date": ("foedselsdato", "foedt", "birthday"),
        "sex": ("koen", "gender"),
        "name": ("navn",),
        "district": ("distrikt", "omraade", "gruppe", "enhed"),
        "team": ("hold", "teamnavn"),
        "care_start": ("startdato", "hjemmepleje_start", "visiteret_fra"),
        "care_end": ("slutdato", "hjemmepleje_slut", "visiteret_til"),
        "death_date": ("doedsdato", "doed"),
        "recorded_at": ("registreret", "registreringstidspunkt", "oprettet", "dokumenteret", "aendret"),
        "started_at": ("starttidspunkt", "besoegstidspunkt", "start", "paabegyndt"),
        "observed_at": ("observationstidspunkt", "maaletidspunkt", "maalt", "tidspunkt", "dato"),
        "occurred_at": ("haendelsestidspunkt", "tidspunkt"),
        "valid_from": ("gyldig_fra", "fra_dato", "bevilget_fra"),
        "valid_to": ("gyldig_til", "til_dato", "bevilget_til"),
        "planned_minutes": ("planlagt_tid", "planlagte_minutter", "disponeret_tid"),
        "delivered_minutes": ("leveret_tid", "leverede_minutter", "faktisk_tid", "udfoert_tid"),
        "minutes_per_week": ("minutter_pr_uge", "visiteret_tid"),
        "kind": ("besoegstype", "type", "ydelsestype"),
        "status": ("tilstand", "status_kode"),
        "code": ("kode", "maalekode", "npu", "fsiii", "indsats", "tilstandskode"),
        "value": ("vaerdi", "resultat", "maalevaerdi"),
        "value_text": ("vaerdi_tekst", "svar", "resultattekst"),
        "unit": ("enhed", "maaleenhed"),
        "role": ("rolle", "faggruppe", "stilling"),
        "heading": ("overskrift", "tilstandsomraade"),
        "text": ("tekst", "notat", "beskrivelse", "note"),
        "severity": ("funktionsniveau", "niveau", "score"),
        "low": ("graense_lav", "nedre_graense", "minimum"),
        "high": ("graense_hoej", "oevre_graense", "maksimum"),
        "times_per_week": ("gange_pr_uge", "hyppighed"),
        "visit_id": ("besoeg_id", "besoegs_id"),
        "observation_id": ("maaling_id", "observations_id"),
        "note_id": ("notat_id",),
        "condition_id": ("tilstand_id", "tilstands_id"),
        "grant_id": ("bevilling_id", "indsats_id"),
        "plan_id": ("monitorering_id",),
        "notification_id": ("advis_id", "besked_id"),
        "episode_id": ("forloeb_id", "forloebs_id", "kontakt_id"),
        "activity": ("advistype", "haendelse"),
        "planned": ("planlagt",),
        "terminal": ("terminalerklaeret", "uafvendeligt_doende"),
    }
)
"""What Danish systems call the columns of a drop: own list, for likeness only."""
