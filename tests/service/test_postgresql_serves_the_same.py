"""The same pages and answers on PostgreSQL as on SQLite."""

import re
from collections.abc import Iterator

import pytest
from sqlalchemy import text

from service.audit import first_broken
from service.security.rights import Permission
from service.storage import audit
from tests.service.running import Running, proof_in


def without_secrets(page: str) -> str:
    """A page without what is drawn anew each time: proofs, and the words that stand for citizens."""
    return re.sub(r'(/borger/|id="b-|name="bevis" value=")[\w-]+', r"\1", page)


def answers(running: Running) -> Iterator[str]:
    """Pages and answers of a morning's work."""
    with running.log_in("leder") as leader:
        front = leader.get("/").text
        reference = re.findall(r"/borger/([\w-]+)", front)[0]
        facts = {"bevis": proof_in(front), "sidste": "0", "handling": "phoned", "til": "/", "pause": "7"}
        assert leader.post(f"/borger/{reference}/gennemgang", data=facts).status_code == 303
        for address in ("/", "/tavle", "/ikke-vurderet", "/om", f"/borger/{reference}", "/ugeliste.csv"):
            yield without_secrets(leader.get(address).text)
    with running.machine(Permission.READ_LISTS, Permission.READ_SCORES) as machine:
        for address in ("/api/v1/lists", "/api/v1/lists/latest?whole=true", "/api/v1/citizens/1001/scores", "/readyz"):
            yield machine.get(address).text


@pytest.mark.parametrize("statistics", [False, True], ids=["new", "analysed"])
def test_postgresql_and_sqlite_serve_the_same(
    running: Running, running_on_postgresql: Running, *, statistics: bool
) -> None:
    if statistics:  # PostgreSQL gathers them whenever it likes and plans anew by them: that must change no answer
        with running_on_postgresql.database.alone() as connection:
            connection.execute(text("ANALYZE"))
    assert list(answers(running)) == list(answers(running_on_postgresql))
    with running_on_postgresql.database.read() as session:
        records = list(audit.records(session))
    assert len(records) > 8
    assert first_broken(records) is None
