"""The quality of the data over the API: counts and shares, no citizen."""

from datetime import date
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query

from service.api.requests import LoadReader

router: Final = APIRouter()

AsOf = Annotated[date | None, Query(description="As known before this date; today when not given.")]


@router.get("/quality", summary="How the data of a week was")
def week(call: LoadReader, as_of: AsOf = None) -> dict[str, Any]:
    """How much came in the week before the date, how late, how often twice, who fell silent, which feed has stopped."""
    # What reads the snapshot takes a second to import, which no page should wait for.
    from models.snapshot import Snapshot  # noqa: PLC0415
    from service.quality import weeks  # noqa: PLC0415

    wiring = call.wiring
    snapshot = Snapshot.open(wiring.settings.state.snapshot)
    return dict(weeks.as_json(weeks.quality(wiring.database, snapshot, as_of or wiring.today())))
