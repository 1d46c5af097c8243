"""What a page says when something went wrong: what happened, what is lost, and the way on."""

import re
from html import unescape

import httpx
import pytest

from tests.service.running import Running, proof_in
from tests.service.ui.test_reviews_on_pages import first_reference, review


def rename(running: Running, table: str, name: str) -> None:
    """Take a table away, or bring it back."""
    with running.database.write() as session:
        session.exec_driver_sql(f"ALTER TABLE {table} RENAME TO {name}")


def fields_of(page: str) -> dict[str, str]:
    """The hidden fields of a page's first form."""
    form = page.split("<form", 1)[1].split("</form>", 1)[0]
    return {name: unescape(value) for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', form)}


def link(answer: httpx.Response) -> tuple[str, str]:
    """Where the page's button leads, and what it says."""
    return re.findall(r'<a class="button" href="([^"]+)">([^<]+)</a>', answer.text)[0]


def test_what_was_written_while_the_store_was_away_is_given_back_and_sent_again(running: Running) -> None:
    written = 'TOBS 2, "svimmel" <igen>\nringer til datter'
    with running.log_in("nord") as nurse:
        reference = first_reference(nurse)
        page = nurse.get(f"/borger/{reference}").text
        newest = re.findall(r'name="sidste" value="(\d+)"', page)[0]
        sent = {"bevis": proof_in(page), "sidste": newest, "til": "borger", "handling": "wrong"}
        sent |= {"begrundelse": "Var ude at rejse", "bemaerkning": written}
        rename(running, "look_ups", "look_ups_away")
        answer = nurse.post(f"/borger/{reference}/gennemgang", data=sent)
        rename(running, "look_ups_away", "look_ups")
        again = re.findall(r'action="([^"]+)"', answer.text.split("<main", 1)[1])[0]
        fields = fields_of(answer.text.split("<main", 1)[1])
        stored = nurse.post(again, data=fields)
        told = nurse.get(f"/borger/{reference}").text
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    shown = unescape(answer.text.split("<blockquote>")[1].split("</blockquote>")[0])
    assert all(words in shown for words in ("Passer ikke", "Var ude at rejse", written))
    assert "<igen>" not in answer.text
    assert fields == sent
    assert stored.status_code == 303
    assert written in unescape(told)


def test_a_password_is_never_given_back(running: Running) -> None:
    with running.visitor() as visitor:
        proof = proof_in(visitor.get("/login").text)
        rename(running, "look_ups", "look_ups_away")
        fields = {"bevis": proof, "navn": "nord", "adgangskode": "en lang kode"}
        answer = visitor.post("/login", data=fields)
    assert answer.status_code == 503
    assert "en lang kode" not in answer.text
    assert "Se efter, om det, du sendte" not in answer.text
    assert link(answer) == ("/login", "Åbn siden igen")


def test_a_page_that_could_not_be_fetched_is_asked_for_again_where_it_was(running: Running) -> None:
    with running.log_in("nord") as nurse:
        rename(running, "look_ups", "look_ups_away")
        answer = nurse.get("/", params={"team": "Team 1", "vis": "nye"})
    assert answer.status_code == 503
    assert "ring til jeres it-support" in answer.text
    assert link(answer) == ("/?team=Team+1&amp;vis=nye", "Prøv igen")


def test_a_page_too_old_leads_back_to_itself(running: Running) -> None:
    with running.log_in("nord") as nurse:
        reference = first_reference(nurse)
        answer = review(nurse, reference, handling="seen", bevis="0" * 64)
    assert answer.status_code == 403
    assert "Intet er gemt" in answer.text
    assert link(answer) == (f"/borger/{reference}", "Åbn siden igen")


@pytest.mark.parametrize(
    ("address", "status", "told"),
    [
        ("/findes-ikke", 404, "spørg jeres administrator"),
        ("/?distrikt=Syd", 404, "spørg jeres administrator"),
        ("/opfolgning", 403, "spørg jeres administrator"),
        ("/borger/x/gennemgang", 405, "Intet er gemt"),
    ],
)
def test_a_refusal_says_whom_to_ask_and_leads_to_the_front_page(
    running: Running, address: str, status: int, told: str
) -> None:
    with running.log_in("nord") as nurse:
        answer = nurse.get(address)
    assert (answer.status_code, link(answer)[0]) == (status, "/")
    assert told in answer.text
