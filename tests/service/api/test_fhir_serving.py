"""RiskAssessments over FHIR: searched, paged and read, valid R4, and never of anybody who may not be shown."""

import json
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.capabilitystatement import CapabilityStatement
from fhir.resources.R4B.operationoutcome import OperationOutcome
from fhir.resources.R4B.riskassessment import RiskAssessment

from service.legal import LegalBasis, Purpose
from service.security.rights import Permission
from service.storage import audit, legal, merges, objections
from tests.service.invented_lists import MONDAY, NOW, Town, fill, name_of
from tests.service.running import Running
from tests.service.test_closed_routes import listed

SCORES, IDENTIFIERS = Permission.READ_SCORES, Permission.READ_IDENTIFIERS
RISKS = "/fhir/RiskAssessment"


def searched(machine: httpx.Client, **parameters: str | list[str]) -> dict[str, Any]:
    answer = machine.get(RISKS, params=parameters)
    assert answer.status_code == 200, answer.text
    return answer.json()


def resources(bundle: dict[str, Any]) -> list[dict[str, Any]]:
    return [entry["resource"] for entry in bundle["entry"]]


def dates(bundle: dict[str, Any]) -> list[str]:
    return [one["occurrenceDateTime"] for one in resources(bundle)]


def test_an_assessment_is_r4_and_comes_back_as_it_was(running: Running) -> None:
    with running.machine(SCORES) as machine:
        answer = machine.get(RISKS, params={"date": str(MONDAY), "_count": "500"})
        bundle = answer.json()
        one = machine.get(f"{RISKS}/{resources(bundle)[0]['id']}").json()
    assert answer.headers["content-type"] == "application/fhir+json; charset=utf-8"
    Bundle.model_validate(bundle)
    assert one == resources(bundle)[0]
    assert len(bundle["entry"]) == bundle["total"] == 56
    for sent in resources(bundle):
        read = json.loads(RiskAssessment.model_validate(sent).model_dump_json())
        for instant in (read["meta"], sent["meta"]):
            instant["lastUpdated"] = datetime.fromisoformat(instant["lastUpdated"])
        assert read == sent


def test_an_assessment_says_when_how_likely_by_what_and_why(running: Running) -> None:
    with running.machine(SCORES) as machine:
        scores = machine.get(f"/api/v1/citizens/{listed(running)}/scores").json()["scores"]
        told = resources(searched(machine, patient=f"Patient/omhu-{listed(running)}"))[0]
    decimal, percent = told["prediction"]
    assert told["occurrenceDateTime"] == str(MONDAY)
    begins, ends = (datetime.fromisoformat(decimal["whenPeriod"][edge]) for edge in ("start", "end"))
    assert ends - begins == timedelta(days=30)
    assert begins.date() == MONDAY
    assert decimal["probabilityDecimal"] == pytest.approx(scores[0]["entry"]["probability"], abs=1e-4)
    assert 0 <= decimal["probabilityDecimal"] <= 1
    assert decimal["qualitativeRisk"]["coding"][0]["code"] in {"low", "moderate", "high"}
    assert percent["probabilityRange"]["high"]["unit"] == "%"
    assert percent["probabilityRange"]["low"]["value"] < percent["probabilityRange"]["high"]["value"] <= 100
    assert told["method"]["coding"][0]["code"] == "omhu@1"
    for reason in scores[0]["entry"]["reasons"]:
        assert reason["da"] in decimal["rationale"]
        assert reason["group"] in [basis["identifier"]["value"] for basis in told["basis"]]
    assert "halvt glas" not in json.dumps(told, ensure_ascii=False)  # the words of a note stay here


def test_pages_hold_everyone_once_and_their_links_name_nobody(running: Running) -> None:
    own = f"id-{listed(running)}"
    with running.machine(SCORES) as machine:
        address, seen = f"{RISKS}?date={MONDAY}&_count=20", list[str]()
        while address:
            page = machine.get(address).json()
            assert page["total"] == 56
            seen += [one["id"] for one in resources(page)]
            address = next((link["url"] for link in page["link"] if link["relation"] == "next"), "")
        by_own = searched(machine, **{"patient:identifier": own, "_count": "3"})
    assert len(seen) == len(set(seen)) == 56
    assert own not in json.dumps(by_own["link"])
    following = next(link["url"] for link in by_own["link"] if link["relation"] == "next")
    assert dict(parse_qsl(urlsplit(following).query))["patient"] == f"Patient/omhu-{listed(running)}"


def test_a_citizen_is_found_by_our_id_or_their_own_and_not_by_the_bare_key(running: Running) -> None:
    key = listed(running)
    with running.machine(SCORES) as machine:
        found = [
            searched(machine, patient=f"Patient/omhu-{key}"),
            searched(machine, subject=f"omhu-{key}"),
            searched(machine, patient=f"id-{key}"),
            searched(machine, **{"patient.identifier": f"urn:x|id-{key}"}),
            machine.post(f"{RISKS}/_search", data={"patient:identifier": f"id-{key}"}).json(),
        ]
        assert {bundle["total"] for bundle in found} == {8}
        assert searched(machine, patient=str(key))["total"] == 0
        assert searched(machine, patient=f"id-{key}", subject="id-1003,nobody")["total"] == 0


def test_a_merged_id_finds_the_person_and_finds_itself_again_when_taken_back(running: Running) -> None:
    with running.database.write() as session:
        merges.append(session, 1003, 1002, reason="r", by="test", at=0)
        merges.append(session, 1002, 1004, reason="r", by="test", at=0)
    with running.machine(SCORES) as machine:
        found = searched(machine, patient="id-1003")
        assert {one["subject"]["reference"] for one in resources(found)} == {"Patient/omhu-1004"}
        with running.database.write() as session:
            merges.append(session, 1002, None, reason="r", by="test", at=0)
        found = searched(machine, patient="id-1003")
        assert {one["subject"]["reference"] for one in resources(found)} == {"Patient/omhu-1002"}


def test_dates_take_prefixes_and_precision(running: Running) -> None:
    key, before = f"omhu-{listed(running)}", MONDAY - timedelta(weeks=1)
    with running.machine(SCORES) as machine:
        assert dates(searched(machine, patient=key, date=f"ge{before}")) == [str(MONDAY), str(before)]
        assert dates(searched(machine, patient=key, date=f"gt{before}")) == [str(MONDAY)]
        assert dates(searched(machine, patient=key, date=[f"ge{before}", f"lt{MONDAY}"])) == [str(before)]
        assert len(dates(searched(machine, patient=key, date="2026-11"))) == 4
        assert len(dates(searched(machine, patient=key, date=f"le{MONDAY}T12:00:00+01:00"))) == 8
        assert searched(machine, patient=key, date="gt2026")["total"] == 0


def test_what_is_newer_than_an_instant_is_found_by_when_it_was_made(running: Running) -> None:
    key = f"omhu-{listed(running)}"
    with running.machine(SCORES) as machine:
        updated = resources(searched(machine, patient=key))[0]["meta"]["lastUpdated"]
        assert dates(searched(machine, patient=key, _since=updated)) == [str(MONDAY)]
        assert dates(searched(machine, patient=key, _lastUpdated=f"gt{updated}")) == []
        assert dates(searched(machine, patient=key, _lastUpdated=f"ge{MONDAY}")) == [str(MONDAY)]
        assert dates(searched(machine, patient=key, _lastUpdated=updated)) == [str(MONDAY)]


def test_the_own_id_is_told_to_whom_the_scope_allows_it_only(running: Running) -> None:
    key = listed(running)
    with running.machine(SCORES) as machine:
        assert "identifier" not in resources(searched(machine, patient=f"omhu-{key}"))[0]["subject"]
    with running.machine(SCORES, IDENTIFIERS) as machine:
        subject = resources(searched(machine, patient=f"omhu-{key}"))[0]["subject"]
        text = machine.get(RISKS, params={"_count": "500"}).text
    assert subject["identifier"] == {"system": "urn:omhu:citizen-id", "value": f"id-{key}"}
    assert not [name for name in (name_of(1000 + place) for place in range(1, 61)) if name in text]


def test_everyone_shown_is_in_the_look_up_log(running: Running) -> None:
    with running.machine(SCORES) as machine:
        shown = resources(searched(machine, date=str(MONDAY), _count="500"))
        machine.get(f"{RISKS}/{shown[0]['id']}")
    with running.database.read() as session:
        looks = [one.look for one in audit.records(session)]
    keys = sorted(int(one["subject"]["reference"].rsplit("-", 1)[-1]) for one in shown)
    assert [(look.action, look.citizens) for look in looks] == [("risk.search", tuple(keys)), ("risk.read", (keys[0],))]
    assert {look.search for look in looks} == {RISKS}


def test_another_districts_citizen_is_in_no_answer_and_the_attempt_is_logged(running: Running) -> None:
    with running.machine(SCORES) as machine:
        one = resources(searched(machine, patient=f"omhu-{listed(running)}"))[0]
    with running.machine(SCORES, districts=("Syd",)) as machine:
        assert searched(machine, patient=one["subject"]["reference"])["total"] == 0
        answer = machine.get(f"{RISKS}/{one['id']}")
        assert answer.status_code == 404
        OperationOutcome.model_validate(answer.json())
        assert {int(one["id"].split("-")[1]) // 1000 for one in resources(searched(machine))} == {2}
    with running.database.read() as session:
        assert [one.look.result for one in audit.records(session)][-2] == "refused"


def test_who_objects_is_gone_at_once(running: Running) -> None:
    key = listed(running)
    with running.machine(SCORES) as machine:
        one = resources(searched(machine, patient=f"omhu-{key}"))[0]
        with running.database.write() as session:
            objections.add(session, key, MONDAY, "r", "test", NOW)
        assert searched(machine, patient=f"omhu-{key}")["total"] == 0
        assert machine.get(f"{RISKS}/{one['id']}").status_code == 404


def test_a_silent_list_is_never_told_of(running_operated: Running) -> None:
    fill(running_operated.database, Town(silent=True, weeks=1))
    with running_operated.machine(SCORES) as machine:
        assert searched(machine)["total"] == 0
        assert machine.get(f"{RISKS}/1-1001").status_code == 404


def test_without_a_legal_basis_there_is_an_operation_outcome(running: Running) -> None:
    with running.database.write() as session:
        ended = LegalBasis(Purpose.OPERATE, "b", "d", date(2020, 1, 1), date(2026, 11, 22), "test", NOW)
        legal.add(session, ended)
    with running.machine(SCORES) as machine:
        for answer in (machine.get(RISKS), machine.get(f"{RISKS}/1-1001"), machine.post(f"{RISKS}/_search")):
            assert answer.status_code == 403
            assert OperationOutcome.model_validate(answer.json()).issue[0].code == "forbidden"
            assert "operate" in answer.text


MISTAKES = {
    f"{RISKS}?probability=0.2": 400,
    f"{RISKS}?date=yesterday0101801234": 400,
    f"{RISKS}?date=2026-13-45": 400,
    f"{RISKS}?_lastUpdated=ge2026-11-23T99": 400,
    f"{RISKS}?_count=many": 400,
    f"{RISKS}?_sort=date": 400,
    f"{RISKS}?_format=xml": 400,
    f"{RISKS}/no-such": 404,
    "/fhir/Patient/omhu-1001": 404,
    "/fhir": 404,
}


def test_a_mistake_is_told_as_an_operation_outcome_that_repeats_nothing(running: Running) -> None:
    with running.machine(SCORES) as machine:
        for address, status in MISTAKES.items():
            answer = machine.get(address)
            assert answer.status_code == status, address
            assert answer.headers["content-type"].startswith("application/fhir+json")
            OperationOutcome.model_validate(answer.json())
            assert "0101801234" not in answer.text


def test_without_a_token_or_with_another_scope_nothing_is_told(running: Running) -> None:
    with running.visitor() as nobody:
        answer = nobody.get(RISKS)
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
        OperationOutcome.model_validate(answer.json())
    with running.machine(Permission.READ_LISTS) as machine:
        assert machine.get(RISKS).status_code == 403


def test_a_body_that_is_too_long_is_refused(running: Running) -> None:
    with running.machine(SCORES) as machine:
        answer = machine.post(f"{RISKS}/_search", data={"patient": "x" * 20_000})
    assert answer.status_code == 413


def test_what_the_server_can_do_is_told_to_everyone(running: Running) -> None:
    with running.visitor() as nobody:
        statement = nobody.get("/fhir/metadata").json()
    CapabilityStatement.model_validate(statement)
    assert statement["fhirVersion"] == "4.0.1"
    assert "from 0 to 1" in statement["rest"][0]["resource"][0]["documentation"]
