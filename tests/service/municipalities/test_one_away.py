"""A municipality whose store cannot be used is told to browsers as a page and to programs as a problem."""

from collections.abc import Generator
from html import unescape

import httpx
import pytest

from service.municipalities.apart import every
from service.storage.database import Database
from tests.service.municipalities.towns import host_of, running_both, surroundings

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
OF_THE_ANSWER = {"date", "content-length", "x-request-id", "retry-after", "set-cookie"}


@pytest.fixture(scope="module")
def visitors(tmp_path_factory: pytest.TempPathFactory) -> Generator[tuple[httpx.Client, httpx.Client]]:
    """Who asks for one that is served, and who asks for one whose store was never made."""
    around = surroundings(tmp_path_factory.mktemp("away"))
    with Database.open(every(around)[0].settings.state.database_url) as database:
        database.require_migrated(create=True)
    with (
        running_both(around, retry_seconds=60) as both,
        both.visitor(host_of("aarhus")) as here,
        both.visitor(host_of("odense")) as away,
    ):
        yield here, away


def test_a_browser_gets_a_page_that_says_what_to_do_and_nothing_of_the_store(
    visitors: tuple[httpx.Client, httpx.Client],
) -> None:
    here, away = visitors
    like = here.get("/login", headers=BROWSER)
    for address in ("/", "/login", "/borger/abc?vis=alt", "/findes-ikke"):
        page = away.get(address, headers=BROWSER)
        assert (page.status_code, page.headers["retry-after"]) == (503, "5")
        assert "Omhu er ikke klar lige nu" in page.text
        assert "Prøv igen om et par minutter." in page.text
        assert f'href="{address}">Prøv igen' in page.text
        for word in ("odense", "aarhus", "sqlite", "omhu.db", "migrat", "SystemWrong", 'name="bevis"'):
            assert word not in page.text
        assert {name: page.headers[name] for name in page.headers if name not in OF_THE_ANSWER} == {
            name: like.headers[name] for name in like.headers if name not in OF_THE_ANSWER
        }


def test_the_page_has_its_style_and_its_links_lead_on(visitors: tuple[httpx.Client, httpx.Client]) -> None:
    _, away = visitors
    page = away.get("/", headers=BROWSER).text
    style = page.split('<link rel="stylesheet" href="')[1].split('"')[0]
    assert away.get(style, headers={"Accept": "text/css,*/*;q=0.1"}).headers["content-type"].startswith("text/css")
    assert away.get("/static/findes-ikke.css").status_code == 503
    assert away.get("/tilgaengelighed", headers=BROWSER).status_code == 200
    chosen = away.post("/sprog", data={"sprog": "en"}, headers=BROWSER | {"Referer": "https://x/login"})
    assert (chosen.status_code, chosen.headers["location"]) == (303, "/login")
    assert "Omhu is not ready just now" in away.get("/", headers=BROWSER | {"Cookie": "sprog=en"}).text


def test_what_a_nurse_wrote_while_it_went_away_is_given_back(visitors: tuple[httpx.Client, httpx.Client]) -> None:
    _, away = visitors
    sent = {"bevis": "a" * 64, "handling": "seen", "bemaerkning": "<b>svimmel</b>"}
    answer = away.post("/borger/abc/gennemgang", data=sent, headers=BROWSER)
    assert answer.status_code == 503
    assert "<b>svimmel" not in answer.text
    assert "<b>svimmel</b>" in unescape(answer.text)
    assert 'action="/borger/abc/gennemgang"' in answer.text
    secret = {"navn": "anna", "adgangskode": "en lang kode"}
    assert "en lang kode" not in away.post("/login", data=secret, headers=BROWSER).text


@pytest.mark.parametrize("accepted", ["*/*", "application/json", "application/fhir+json, */*;q=0.1"])
def test_a_program_gets_a_problem(visitors: tuple[httpx.Client, httpx.Client], accepted: str) -> None:
    _, away = visitors
    for address in ("/api/v1/lists", "/fhir/RiskAssessment", "/readyz", "/login"):
        answer = away.get(address, headers={"Accept": accepted})
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["title"] == "Service Unavailable"
        assert "odense" not in answer.text
