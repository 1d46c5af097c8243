"""What counts as writing when weeks of it are compared: what was seen of citizens, not what stands or follows."""

from datetime import date
from pathlib import Path

from models.truth.acting import ACTED
from service.quality.writing import writing
from tests.models.happenings import happenings
from tests.models.stored import snapshot_of


def test_what_nurses_did_because_of_the_list_is_not_writing_nor_is_what_holds_until_it_changes(tmp_path: Path) -> None:
    text = f"""
        code               | occurred_at
        citizen:care_start | 2025-01-01 00:00
        district:North     | 2025-01-01 00:00
        condition:I7.2     | 2025-03-04 10:00
        {ACTED}            | 2025-03-05 10:00
        visit:planned      | 2025-03-06 10:00
        note:SSH           | 2025-03-06 10:00
    """
    found = writing(snapshot_of(happenings(text), tmp_path), date(2025, 3, 3), date(2025, 3, 10), 1, 1)
    assert found.codes == {"note:SSH": (0, 1)}
    assert [now.events for _, now in found.districts.values()] == [1.0]
