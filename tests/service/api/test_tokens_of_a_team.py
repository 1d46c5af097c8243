"""A token limited to a team of its district is told of that team's citizens alone, whichever way it asks."""

from service.security.rights import Permission
from service.storage import lists
from tests.service.invented_lists import MONDAY
from tests.service.running import Running

SCOPES = (Permission.READ_LISTS, Permission.READ_SCORES, Permission.USE_CARDS)


def test_a_token_of_a_team_sees_nobody_of_another(running: Running) -> None:
    with running.database.read() as session:
        head = lists.latest_list(session, MONDAY)
        assert head is not None
        entries = lists.entries(session, head.number, ["Nord"], shown=True)
    own = {entry.citizen for entry in entries if entry.team == "Team 1"}
    other = next(entry.citizen for entry in entries if entry.team != "Team 1")
    assert own
    with running.machine(*SCOPES, teams=("Team 1",)) as machine, running.machine(*SCOPES) as anyone:
        listed = machine.get("/api/v1/lists/latest").json()
        assert {entry["citizen"] for entry in listed["entries"]} == own
        assert listed["districts"][0]["shown"] == len(own)
        assert machine.get(f"/api/v1/citizens/{other}/scores").status_code == 404
        assert machine.get(f"/api/v1/citizens/{min(own)}/scores").status_code == 200
        found = machine.get("/fhir/RiskAssessment", params={"_count": "200"}).json()
        teams = {own_team(entry) for entry in found["entry"]}
        whole = anyone.get("/fhir/RiskAssessment", params={"_count": "200"}).json()
        assert 0 < found["total"] < whole["total"]
        assert teams < {own_team(entry) for entry in whole["entry"]}
        wanted = {"hook": "patient-view", "hookInstance": "1", "context": {"userId": "x", "patientId": f"id-{other}"}}
        assert machine.post("/cds-services/omhu-risk", json=wanted).json()["cards"] == []
        assert len(anyone.post("/cds-services/omhu-risk", json=wanted).json()["cards"]) == 1


def own_team(entry: dict[str, dict[str, dict[str, str]]]) -> str:
    """Whom a risk assessment is of."""
    return entry["resource"]["subject"]["reference"]
