"""What the features look at: codes gathered into signals, each with the words a nurse would use for it.

A concern (`models.notes`' lexicon) is one signal whether somebody ticked it as an everyday observation (`sign:`) or
wrote it in a note (`mention:`): towns differ in which they do.
"""

from collections.abc import Mapping
from types import MappingProxyType

from models.features.spec import Signal
from models.notes.lexicon import Lexicon
from models.projection import OTHER, VISIT_KINDS

# name: (code, Danish, English); units and sources stand in models.vocabulary
MEASURED: Mapping[str, tuple[str, str, str]] = MappingProxyType(
    {
        "weight": ("NPU03804", "vægt", "weight"),
        "bmi": ("NPU27281", "BMI", "BMI"),
        "temperature": ("NPU08676", "temperatur", "temperature"),
        "saturation": ("NPU03011", "iltmætning", "oxygen saturation"),
        "pulse": ("NPU21692", "puls", "pulse"),
        "systolic": ("DNK05472", "systolisk blodtryk", "systolic blood pressure"),
        "diastolic": ("DNK05473", "diastolisk blodtryk", "diastolic blood pressure"),
        "respiration": ("MCS88122", "vejrtrækning pr. minut", "respiration rate"),
        "alertness": ("MCS88126", "bevidsthedsniveau", "level of consciousness"),
        "tobs": ("MCS88125", "TOBS", "TOBS"),
        "glucose": ("NPU22089", "blodsukker", "blood glucose"),
        "crp": ("NPU19748", "CRP", "CRP"),
        "haemoglobin": ("NPU02319", "hæmoglobin", "haemoglobin"),
        "pain_score": ("443394008", "smerte (VAS)", "pain (VAS)"),
        "chair_stand": ("450738001", "rejse-sætte-sig-test", "chair stand test"),
        "wellbeing": ("1144665009", "trivsel (WHO-5)", "well-being (WHO-5)"),
    }
)

_CONDITIONS: Mapping[str, tuple[str, str, str]] = MappingProxyType(
    {
        "function": ("condition:J*", "funktionsniveau", "functional level"),
        "nursing_conditions": ("condition:I*", "helbredstilstande", "nursing conditions"),
        "breathing_condition": ("condition:I7*", "respiration og cirkulation", "respiration and circulation"),
        "nutrition_condition": ("condition:I3*", "ernæring", "nutrition"),
        "skin_condition": ("condition:I4*", "hud og slimhinder", "skin"),
        "memory_condition": ("condition:I11*", "hukommelse", "memory"),
        "elimination_condition": ("condition:I12*", "udskillelse", "elimination"),
        "diagnoses": ("condition:diag:*", "diagnoser", "diagnoses"),
        "heart_failure": ("condition:diag:DI50*", "hjertesvigt", "heart failure"),
        "copd": ("condition:diag:DJ44*", "KOL", "COPD"),
        "diabetes": ("condition:diag:DE1*", "diabetes", "diabetes"),
        "dementia": ("condition:diag:DF0*", "demens", "dementia"),
        "stroke": ("condition:diag:DI6*", "apopleksi", "stroke"),
        "cancer": ("condition:diag:DC*", "kræft", "cancer"),
    }
)


def signals(lexicon: Lexicon) -> tuple[Signal, ...]:
    """All signals, in a fixed order."""
    return (
        *_care(),
        *_written(lexicon),
        *_concerns(lexicon),
        *_events(),
        *_monitored(),
        *_measured(),
        *_stays(),
        *_citizen(),
    )


def concern_names(lexicon: Lexicon) -> tuple[str, ...]:
    """The concepts of the lexicon that are concerns: not the words that tell the outcome, not the measured values."""
    return tuple(
        name for name, concept in lexicon.concepts.items() if not concept.outcome and concept.group != "measured"
    )


def _care() -> tuple[Signal, ...]:
    kinds = {
        "nursing": ("sygeplejebesøg", "nursing visits"),
        "personal_care": ("besøg til personlig pleje", "personal care visits"),
        "practical_help": ("besøg til praktisk hjælp", "practical help visits"),
        "night": ("natbesøg", "night visits"),
        "acute": ("akutte besøg", "acute visits"),
    }
    minutes = Signal("minutes", tuple(f"visit:{kind}" for kind in (*VISIT_KINDS, OTHER)), "care_time", "hjælp", "care")
    return (
        minutes,
        *(Signal(f"{kind}_visits", (f"visit:{kind}",), "care_time", da, en) for kind, (da, en) in kinds.items()),
        Signal("planned", ("visit:planned",), "care_time", "planlagt hjælp", "planned care"),
        Signal("granted", ("granted:*",), "care_time", "bevilget hjælp", "granted care"),
        Signal("granted_ended", ("granted_ended:*",), "care_time", "ophørt bevilling", "ended grants"),
        Signal("declined", ("visit:declined",), "cooperation", "afviste besøg", "declined visits"),
        Signal("no_response", ("visit:no_response",), "cooperation", "forgæves besøg", "visits without answer"),
        Signal("cancelled", ("visit:cancelled",), "care_time", "aflyste besøg", "cancelled visits"),
    )


def _written(lexicon: Lexicon) -> tuple[Signal, ...]:
    """How much is written, and how much of it worries: the density everything else is measured against."""
    names = concern_names(lexicon)
    return (
        Signal("notes", ("note:*",), "documentation", "notater", "notes"),
        Signal("nurse_notes", ("note:SPL", "note:TER"), "documentation", "notater fra sygeplejen", "nurses' notes"),
        Signal("records", ("note:*", "sign:*"), "documentation", "notater og observationer", "records"),
        Signal("concerns", _codes(names), "concerns", "bekymringer", "concerns", found_only=True),
        Signal("worse", tuple(f"mention:{name}:worse" for name in names), "concerns", "forværring", "worsening"),
        Signal("absent", tuple(f"mention:{name}:absent" for name in names), "reassured", "intet nyt", "reassurances"),
        Signal("measurements", ("NPU*", "MCS*", "DNK*"), "measured", "målinger", "measurements"),
    )


def _codes(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(code for name in names for code in (f"sign:{name}", f"mention:{name}"))


def _concerns(lexicon: Lexicon) -> tuple[Signal, ...]:
    also = {"fall": ("event:fall",), "medication_missed": ("event:medication_missed",), "refusal": ("event:refusal",)}
    return tuple(
        Signal(
            name=name,
            codes=(f"sign:{name}", f"mention:{name}", *also.get(name, ())),
            group=lexicon.concepts[name].group,
            danish=lexicon.concepts[name].danish_phrase,
            english=lexicon.concepts[name].english_phrase,
            found_only=True,
        )
        for name in concern_names(lexicon)
    )


def _events() -> tuple[Signal, ...]:
    triage = MappingProxyType({"triage:green": 0.0, "triage:yellow": 1.0, "triage:red": 2.0})
    return (
        Signal("emergency_call", ("event:emergency_call",), "emergency_call", "nødkald", "emergency calls"),
        Signal("triage", tuple(triage), "triage", "triagefarve", "triage colour", scores=triage),
        Signal("questionnaire", ("questionnaire:*",), "monitoring", "spørgeskemaer", "questionnaires"),
    )


def _monitored() -> tuple[Signal, ...]:
    """Home monitoring: measurements beside the plan (`models.monitoring`), answers, and readings by day and night.

    Readings come thinned (`models.thinning`), so how many there were is a sum.
    """
    kinds = {
        "readings": ("count", "", "sensormålinger", "sensor readings"),
        "bed_exits": ("sum", "sensor:bed_exit", "gange ude af sengen", "times out of bed"),
        "door": ("sum", "sensor:door_night", "døråbninger", "door openings"),
        "inactivity": ("max", "sensor:inactivity_hours", "timer uden bevægelse", "hours without movement"),
    }
    parts = {"day": ("om dagen", "by day"), "night": ("om natten", "at night")}
    return (
        Signal("monitored", ("monitored:*",), "monitoring", "planlagte hjemmemålinger", "planned home measurements"),
        Signal("breach", ("breach:*",), "monitoring", "målinger uden for egne grænser", "values beyond own limits"),
        Signal("cat", ("questionnaire:CAT/total",), "monitoring", "CAT-score (KOL)", "CAT score (COPD)"),
        Signal("who5", ("questionnaire:WHO5/total",), "monitoring", "WHO-5-score", "WHO-5 score"),
        *(
            Signal(f"{name}_{part}", (f"{what}:{part}:{code or '*'}",), "monitoring", f"{da} {om}", f"{en} {by}")
            for name, (what, code, da, en) in kinds.items()
            for part, (om, by) in parts.items()
        ),
    )


def _measured() -> tuple[Signal, ...]:
    return tuple(
        # A number in a note ("tp 38,4") is the same measurement as one in the form.
        Signal(name, (code, f"noted:{code}"), name, danish, english)
        for name, (code, danish, english) in MEASURED.items()
    )


def _stays() -> tuple[Signal, ...]:
    acute = ("stay:acute", "stay:untagged")
    return (
        Signal("acute_admission", acute, "admissions", "akutte indlæggelser", "acute admissions"),
        Signal("admission", (*acute, "stay:planned"), "admissions", "indlæggelser", "admissions"),
        Signal("emergency_ward", ("stay:emergency",), "admissions", "akut ambulante besøg", "emergency visits"),
        Signal("discharge", ("stay:end",), "discharge", "udskrivelse", "discharge"),
    )


def _citizen() -> tuple[Signal, ...]:
    return (
        Signal("birth", ("citizen:birth",), "age", "alder", "age"),
        Signal("female", ("sex:female",), "sex", "kvinde", "woman"),
        Signal("care", ("citizen:care_start",), "time_in_care", "tid i hjemmepleje", "time in home care"),
        *(Signal(name, (code,), "conditions", da, en) for name, (code, da, en) in _CONDITIONS.items()),
    )
