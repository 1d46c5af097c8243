"""Those who ask: nurses with a browser, programs with a token, and a hospital that sends notifications."""

import random
import re
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from tests.stress.messages import Notifications
from tests.stress.tally import Tally
from tests.stress.wire import Answer, Line

_PROOF: Final = re.compile(r'name="bevis" value="([0-9a-f]+)"')
_LAST: Final = re.compile(r'name="sidste" value="(\d+)"')
_ROWS: Final = re.compile(r'href="(/borger/[^"?#]+)')
_KEYS: Final = re.compile(r'"citizen":\s*(\d+)')
PAGES: Final = ("list page", "citizen page", "review")


@dataclass
class Person:
    """One who asks again and again until told to stop, with a pause in between that is drawn from a range (seconds)."""

    name: str
    port: int
    tally: Tally
    stop: threading.Event
    pause: tuple[float, float]

    def run(self) -> None:
        """Ask until told to stop."""
        chance = random.Random(self.name)
        self.stop.wait(chance.uniform(0, self.pause[1]))  # nobody begins at the same moment
        line = Line(self.port)
        for _ in self.doings(line, chance):
            if self.stop.wait(chance.uniform(*self.pause)):
                break
        line.close()

    def doings(self, line: Line, chance: random.Random) -> Iterator[None]:
        """What they do, with a pause at each yield."""
        raise NotImplementedError


@dataclass
class Nurse(Person):
    """Looks at the list, at somebody on it, and says what was done; then looks at the list again."""

    cookie: str

    def doings(self, line: Line, chance: random.Random) -> Iterator[None]:
        done = 0
        while True:
            page = self._page(line, "list page", "/")
            yield
            rows = sorted(set(_ROWS.findall(page)))
            if not rows:
                continue
            address = chance.choice(rows)
            page = self._page(line, "citizen page", address)
            yield
            if _PROOF.search(page) and _LAST.search(page):
                done += 1
                self._review(line, address, page, f"{self.name} {done}")
                yield

    def _page(self, line: Line, kind: str, address: str) -> str:
        answer = line.ask("GET", address, {"Cookie": self.cookie})
        return answer.text if self.tally.note(kind, answer, 200) else ""

    def _review(self, line: Line, address: str, page: str, comment: str) -> None:
        proof, last = _PROOF.search(page), _LAST.search(page)
        if proof is None or last is None:
            return
        form = {"bevis": proof[1], "sidste": last[1], "handling": "phoned", "bemaerkning": comment, "til": "borger"}
        headers = {"Cookie": self.cookie, "Content-Type": "application/x-www-form-urlencoded"}
        answer = line.ask("POST", f"{address}/gennemgang", headers, urlencode(form).encode())
        # 409: a colleague was there first, and the page says so; nothing is stored and nothing was acknowledged.
        if self.tally.note("review", answer, 303, 409) and answer.status == 303:
            self.tally.acknowledge_review(comment)


@dataclass
class Program(Person):
    """Asks for the newest list, one citizen's scores, the scores as FHIR, and the list's card."""

    token: str

    def doings(self, line: Line, chance: random.Random) -> Iterator[None]:
        while True:
            answer = self._ask(line, "/api/v1/lists/latest")
            yield
            for key in chance.sample(found, 1) if (found := _KEYS.findall(answer.text)) else ():
                self._ask(line, f"/api/v1/citizens/{key}/scores")
                yield
                self._ask(line, f"/fhir/RiskAssessment?patient=omhu-{key}")
                yield
            self._ask(line, "/api/v1/lists")
            yield

    def _ask(self, line: Line, address: str) -> Answer:
        answer = line.ask("GET", address, {"Authorization": f"Bearer {self.token}"})
        self.tally.note("API", answer, 200)
        return answer


@dataclass
class Hospital(Person):
    """Sends notifications at a steady rate, whatever the answers take; `share` of the whole is its own."""

    token: str
    notifications: Notifications
    share: str

    def doings(self, line: Line, chance: random.Random) -> Iterator[None]:
        pause, begun, sent = self.pause[0], time.perf_counter(), 0
        while True:
            self._send(line, f"{self.share}{sent:07x}")
            sent += 1
            # What one answer took is made up for, so that the rate holds.
            left = max(0.0, begun + sent * pause - time.perf_counter())
            self.pause = left, left
            yield

    def _send(self, line: Line, number: str) -> None:
        name, body = self.notifications.one(number)
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Content-Type": "application/fhir+json",
            "Idempotency-Key": name,
        }
        answer = line.ask("POST", "/api/v1/fhir", headers, body)
        if self.tally.note("notification", answer, 202):
            self.tally.acknowledge_load(name, answer.headers.get("content-location", ""))


def logged_in(port: int, code: str) -> str:
    """The cookie of a session opened by a one-time code."""
    line = Line(port)
    page = line.ask("GET", f"/login/kode?kode={code}", {})
    proof = _PROOF.search(page.text)
    if proof is None:
        raise AssertionError(f"no form to log in with: {page.status}")
    first = page.headers.get("set-cookie", "").partition(";")[0]
    headers = {"Cookie": first, "Content-Type": "application/x-www-form-urlencoded"}
    answer = line.ask("POST", "/login/kode", headers, urlencode({"kode": code, "bevis": proof[1]}).encode())
    line.close()
    found = re.search(r"^((?:__Host-)?omhu=[^;]+)", answer.headers.get("set-cookie", ""), re.MULTILINE)
    if answer.status != 303 or found is None:
        raise AssertionError(f"the code let nobody in: {answer.status}")
    return found[1]


def at_once(work: list[Callable[[], None]]) -> list[threading.Thread]:
    """Each in a thread of its own, begun."""
    threads = [threading.Thread(target=one, daemon=True) for one in work]
    for thread in threads:
        thread.start()
    return threads
