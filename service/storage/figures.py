"""Counts for whoever is on call: what was loaded, what the worker did, what webhooks were told. Nobody is in them."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Column, func, select

from service.storage.client_tables import WEBHOOK_DELIVERIES
from service.storage.database import ReadSession
from service.storage.runs import RUNS
from service.storage.tables import LOADS
from service.storage.times import moment_or_none

Counted = Mapping[tuple[str, ...], int]


def loads(session: ReadSession) -> Counted:
    """Loads by status."""
    return _counted(session, LOADS.c.status)


def job_runs(session: ReadSession) -> Counted:
    """Runs of the worker's jobs by job and state."""
    return _counted(session, RUNS.c.job, RUNS.c.state)


def deliveries(session: ReadSession) -> Counted:
    """Deliveries to webhooks by state."""
    return _counted(session, WEBHOOK_DELIVERIES.c.state)


def data_came_at(session: ReadSession) -> datetime | None:
    """When a load that brought something last ended, UTC; None when none has."""
    brought = LOADS.c.status.in_(["loaded", "partly"])
    return moment_or_none(session.scalar(select(func.max(LOADS.c.finished_at)).where(brought)))


def _counted(session: ReadSession, *by: Column[str]) -> Counted:
    rows = session.execute(select(*by, func.count()).group_by(*by).order_by(*by))
    return {tuple(row[:-1]): row[-1] for row in rows}
