"""Hospital notifications to send: MedCom's published example of an admission, each with an id, a citizen and an
episode of its own."""

import json
from pathlib import Path
from typing import Any, Final

_EXAMPLE: Final = (
    Path(__file__).resolve().parents[1] / "data" / "hospital_notifications" / "HospitalNotification_Ex_STIN_A.json"
)
_NAME, _CPR, _EPISODE = "the-name-of-it", "the-number-of-it", "the-episode-of-it"


class Notifications:
    """Made from one text by putting words in, which costs the sender next to nothing."""

    def __init__(self) -> None:
        message: dict[str, Any] = json.loads(_EXAMPLE.read_bytes())
        message["id"] = _NAME
        for entry in message["entry"]:
            resource = entry["resource"]
            for episode in resource.get("episodeOfCare", []):
                episode["identifier"]["value"] = _EPISODE
            if resource["resourceType"] == "Patient":
                resource["identifier"][0]["value"] = _CPR
        self._text = json.dumps(message)

    def one(self, number: str) -> tuple[str, bytes]:
        """The notification of a number in hexadecimal: its id, and its body."""
        name = f"{number:0>8}-0000-4000-8000-000000000000"
        drawn = int(number, 16)
        cpr = f"0101{drawn % 30 + 40:02}{drawn % 3000 + 1000:04}"
        whole = self._text.replace(_NAME, name).replace(_CPR, cpr).replace(_EPISODE, f"episode-{number}")
        return name, whole.encode()
