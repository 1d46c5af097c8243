"""A client of the API for programs in Python: what `docs/api.md` promises, as typed calls; it knows no store.

with ApiClient("https://omhu.example.dk", token) as omhu:
    for entry in omhu.latest_list().entries: ...
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final, TypeVar

import httpx
from pydantic import BaseModel

from service.api.contracts import ListSent, ListsSent, ScoresSent

Sent = TypeVar("Sent", bound=BaseModel)
_TIMEOUT_SECONDS: Final = 30.0


class ApiRefused(Exception):
    """The service did not answer as asked: `status` is HTTP's, `problem` what it said."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        super().__init__(f"HTTP {status}: {problem.get('detail', '')}", str(problem.get("remedy", "")))
        self.status = status
        self.problem = problem


class ApiClient:
    """One service, asked with one token; use as a context manager, or call `close`."""

    def __init__(self, address: str, token: str) -> None:
        headers = {"Authorization": f"Bearer {token}"}
        self._http = httpx.Client(base_url=address, headers=headers, timeout=_TIMEOUT_SECONDS, follow_redirects=False)

    def __enter__(self) -> "ApiClient":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give back the connections."""
        self._http.close()

    def lists(self, limit: int = 52) -> ListsSent:
        """The lists there are, newest first."""
        return self._asked(ListsSent, "/api/v1/lists", {"limit": limit})

    def latest_list(self, *, whole: bool = False) -> ListSent:
        """The newest list in the token's districts: those shown, or everyone."""
        return self._asked(ListSent, "/api/v1/lists/latest", {"whole": whole})

    def list_of(self, as_of: date, *, whole: bool = False) -> ListSent:
        """The list of a date."""
        return self._asked(ListSent, f"/api/v1/lists/{as_of}", {"whole": whole})

    def scores(self, citizen: int, limit: int = 26) -> ScoresSent:
        """One citizen, by the pseudonymous key, on the newest lists."""
        return self._asked(ScoresSent, f"/api/v1/citizens/{citizen}/scores", {"limit": limit})

    def risk_assessments(self, **search: str) -> Iterator[Mapping[str, Any]]:
        """Every RiskAssessment a FHIR search finds, over all its pages; the parameters are FHIR's own."""
        address: str | None = "/fhir/RiskAssessment"
        parameters: Mapping[str, str] | None = search
        while address:
            bundle = self._json(address, parameters)
            yield from (entry["resource"] for entry in bundle["entry"])
            following = (link["url"] for link in bundle["link"] if link["relation"] == "next")
            # Only what stands behind the first slash: the token goes to the service that was named, and to no other.
            url = next(following, None)
            address = httpx.URL(url).raw_path.decode() if url else None
            parameters = None

    def _asked(self, model: type[Sent], address: str, parameters: Mapping[str, Any]) -> Sent:
        return model.model_validate(self._json(address, parameters))

    def _json(self, address: str, parameters: Mapping[str, Any] | None) -> Any:
        answer = self._http.get(address, params=parameters)
        if answer.is_success:
            return answer.json()
        try:
            problem: object = answer.json()
        except ValueError:
            problem = {}
        raise ApiRefused(answer.status_code, problem if isinstance(problem, dict) else {})
