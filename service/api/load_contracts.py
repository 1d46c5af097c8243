"""What the API sends about loads, as it is promised: changing a field here is changing the contract."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from service.storage.loads import SetAside
from service.storage.uploads import Status, Upload


class UploadSent(BaseModel):
    """Something that was sent in, and what became of it."""

    model_config = ConfigDict(frozen=True)
    id: Annotated[str, Field(examples=["0d0f6e0c8c3f4a3f9d1b6f2f4f1e7a55"])]
    status: Status
    received_at: datetime
    finished_at: datetime | None
    problem: Annotated[str | None, Field(description="Why nothing was loaded.")]
    report: Annotated[JsonValue, Field(description="The load's report, per table.")]
    rejects: Annotated[str | None, Field(description="Where to ask for what was set aside, once the load is over.")]

    @classmethod
    def of(cls, upload: Upload, report: JsonValue) -> "UploadSent":
        """The upload as sent, with its report read."""
        return cls(
            id=upload.number,
            status=upload.status,
            received_at=upload.received_at,
            finished_at=upload.finished_at,
            problem=upload.problem,
            report=report,
            rejects=f"/api/v1/loads/{upload.number}/rejects" if upload.is_over and upload.load_id else None,
        )


class RejectSent(BaseModel):
    """A row that was set aside: a problem detail (RFC 9457) with where it stood and what it said."""

    model_config = ConfigDict(frozen=True)
    type: Annotated[str, Field(examples=["urn:omhu:problem:set-aside:time_out_of_range"])]
    title: str = "A row was set aside."
    detail: Annotated[str, Field(examples=["started_at: time_out_of_range"])]
    file: Annotated[str, Field(examples=["visits.csv"])]
    line: Annotated[int, Field(description="In FHIR the number of the item within the file.", examples=[17])]
    column: str
    reason: Annotated[str, Field(examples=["time_out_of_range"])]
    row: Annotated[str, Field(description="What was sent, as JSON: to be mended and sent again.")]

    @classmethod
    def of(cls, row: SetAside) -> "RejectSent":
        """The row as sent."""
        return cls(
            type=f"urn:omhu:problem:set-aside:{row.reason}",
            detail=f"{row.column}: {row.reason}" if row.column else row.reason,
            file=row.file,
            line=row.line,
            column=row.column,
            reason=row.reason,
            row=row.row,
        )


class RejectsSent(BaseModel):
    """Some of the rows a load set aside, in the order they stood, and where the next are."""

    model_config = ConfigDict(frozen=True)
    load: str
    total: int
    rejects: tuple[RejectSent, ...]
    next: str | None
