"""The client for programs in Python, at a service that runs."""

from datetime import timedelta

import pytest

from service.outbound.api_client import ApiClient, ApiRefused
from service.security.rights import Permission
from service.security.secrets import fingerprint, new_token
from service.storage import tokens
from tests.service.invented_lists import CAPACITY, MONDAY
from tests.service.running import Running


def client(running: Running, *scopes: Permission) -> ApiClient:
    secret, ends = new_token(), running.clock() + timedelta(days=1)
    with running.database.write() as session:
        tokens.add_token(session, fingerprint(secret), "program", scopes, ["Nord"], running.clock(), ends)
    return ApiClient(running.address, secret)


def test_what_the_service_tells_comes_typed(running: Running) -> None:
    with client(running, Permission.READ_LISTS, Permission.READ_SCORES) as omhu:
        newest = omhu.latest_list()
        assert (newest.as_of, len(newest.entries)) == (MONDAY, CAPACITY)
        assert omhu.list_of(MONDAY, whole=True).entries[-1].rank is None
        assert [head.as_of for head in omhu.lists(limit=2).lists] == [MONDAY, MONDAY - timedelta(weeks=1)]
        assert omhu.scores(newest.entries[0].citizen).scores[0].entry == newest.entries[0]
        found = list(omhu.risk_assessments(date=str(MONDAY), _count="25"))
    assert len({one["id"] for one in found}) == 56


def test_what_is_refused_says_why(running: Running) -> None:
    with client(running, Permission.READ_LISTS) as omhu:
        with pytest.raises(ApiRefused, match=r"HTTP 403: This needs the right 'scores:read'") as refused:
            omhu.scores(1001)
        with pytest.raises(ApiRefused, match="HTTP 403"):
            list(omhu.risk_assessments())
    assert refused.value.status == refused.value.problem["status"] == 403
