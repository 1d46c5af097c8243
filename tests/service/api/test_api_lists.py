"""Lists, scores and problems over the API."""

from datetime import timedelta

import pytest

from service.api.contracts import ListSent
from service.security.rights import Permission
from service.storage import audit
from tests.service.invented_lists import CAPACITY, MONDAY, Town, fill, name_of
from tests.service.running import Running

LISTS, SCORES = Permission.READ_LISTS, Permission.READ_SCORES


def test_the_lists_there_are_come_newest_first(running: Running) -> None:
    with running.machine(LISTS) as machine:
        heads = machine.get("/api/v1/lists").json()["lists"]
        assert len(machine.get("/api/v1/lists", params={"limit": 3}).json()["lists"]) == 3
    assert [head["as_of"] for head in heads] == [str(MONDAY - timedelta(weeks=back)) for back in range(8)]


def test_the_newest_list_and_that_of_its_date_are_one(running: Running) -> None:
    with running.machine(LISTS) as machine:
        newest, dated = machine.get("/api/v1/lists/latest").json(), machine.get(f"/api/v1/lists/{MONDAY}").json()
    assert newest == dated
    sent = ListSent.model_validate(newest)
    assert [entry.rank for entry in sent.entries] == list(range(1, CAPACITY + 1))
    assert sent.entries[0].reasons
    assert sent.districts[0].ranked == 56


def test_the_whole_list_holds_the_unranked_too(running: Running) -> None:
    with running.machine(LISTS, districts=("Nord", "Syd")) as machine:
        sent = machine.get("/api/v1/lists/latest", params={"whole": True}).json()
    assert len(sent["entries"]) == 120
    assert sum(entry["rank"] is None for entry in sent["entries"]) == 8


def test_the_course_of_a_citizen_comes_newest_first_and_is_logged(running: Running) -> None:
    with running.machine(SCORES) as machine:
        sent = machine.get("/api/v1/citizens/1001/scores").json()
    assert [score["as_of"] for score in sent["scores"]] == [str(MONDAY - timedelta(weeks=back)) for back in range(8)]
    with running.database.read() as session:
        look = [one.look for one in audit.records(session)][-1]
    assert (look.action, look.citizens) == ("scores.read", (1001,))


def test_names_never_leave_over_the_api(running: Running) -> None:
    with running.machine(LISTS, SCORES, districts=("Nord", "Syd")) as machine:
        text = machine.get("/api/v1/lists/latest", params={"whole": True}).text
        text += machine.get("/api/v1/citizens/1001/scores").text
    assert not [name for name in (name_of(1000 + n) for n in range(1, 61)) if name in text]


def test_a_silent_list_is_not_told_of(running_empty: Running) -> None:
    fill(running_empty.database, Town(silent=True, weeks=1))
    with running_empty.machine(LISTS) as machine:
        for address in ("/api/v1/lists", "/api/v1/lists/latest", f"/api/v1/lists/{MONDAY}"):
            assert machine.get(address).status_code == 403


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/api/v1/lists/2020-01-06", 404),
        ("/api/v1/lists/yesterday", 422),
        ("/api/v1/lists?limit=0", 422),
        ("/api/v1/citizens/9999/scores", 404),
        ("/api/v1/citizens/0101801234x/scores", 422),
        ("/api/v1/nothing", 404),
        ("/api/v1/loads/none", 403),
    ],
)
def test_what_goes_wrong_is_a_problem_document_that_repeats_no_input(
    running: Running, address: str, status: int
) -> None:
    with running.machine(LISTS, SCORES) as machine:
        answer = machine.get(address)
    problem = answer.json()
    assert answer.status_code == problem["status"] == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["type"].startswith("urn:omhu:problem:")
    assert problem["detail"]
    assert "0101801234x" not in answer.text
    assert "yesterday" not in answer.text


def test_without_a_token_in_force_there_is_a_problem_and_a_challenge(running: Running) -> None:
    with running.machine(LISTS) as machine:
        running.clock.turn(timedelta(days=31))
        expired = machine.get("/api/v1/lists")
    with running.visitor() as nobody:
        answers = [nobody.get("/api/v1/lists"), nobody.get("/api/v1/lists", headers={"Authorization": "Bearer x"})]
    for answer in (expired, *answers):
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
        assert answer.headers["content-type"] == "application/problem+json"


def test_the_description_needs_a_token_and_has_examples(running: Running) -> None:
    with running.machine(LISTS) as machine:
        described = machine.get("/api/v1/openapi.json").json()
    assert {"/api/v1/lists/{as_of}", "/api/v1/loads", "/healthz"} <= set(described["paths"])
    assert described["components"]["schemas"]["EntrySent"]["properties"]["district"]["examples"] == ["Nord"]
    answers = described["paths"]["/api/v1/lists/latest"]["get"]["responses"]
    assert "application/problem+json" in answers["404"]["content"]


def test_an_error_nobody_foresaw_is_told_in_general_words_only(running: Running) -> None:
    with running.machine(LISTS) as machine:
        with running.database.write() as session:
            session.exec_driver_sql("ALTER TABLE list_entries RENAME TO list_entries_away")
        answer = machine.get("/api/v1/lists/latest")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert "list_entries" not in answer.text
