"""The tree of errors: what each says, and with which code a command ends."""

import inspect
from datetime import date

import pytest

from models import errors
from models.errors import FileRefused, GateRefused, NotAllowed, OmhuError, RequestWrong, StaleFeed, SystemWrong

TREE = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, OmhuError)]


@pytest.mark.parametrize("kind", TREE, ids=lambda kind: kind.__name__)
def test_every_error_is_drawn_in_the_tree(kind: type[OmhuError]) -> None:
    assert kind.__name__ in (errors.__doc__ or "")


def test_an_error_says_what_and_what_to_do() -> None:
    error = OmhuError("The disk is full.", "Make room.")
    assert (str(error), error.message, error.remedy) == (
        "The disk is full. Make room.",
        "The disk is full.",
        "Make room.",
    )
    assert str(OmhuError("The disk is full.")) == "The disk is full."


def test_a_lacking_column_is_told_with_what_was_found_instead() -> None:
    error = FileRefused.lacking("visits.csv", ["visit_id"], ["id", "start"])
    assert error.file == "visits.csv"
    assert str(error).startswith("visits.csv: required column missing: visit_id; found: id, start. Add the column")
    assert "found: none." in str(FileRefused.lacking("visits.csv", ["visit_id"], []))


def test_a_refusing_gate_gives_its_reasons() -> None:
    error = GateRefused(["Too few rows.", "Worse than chance."])
    assert error.reasons == ("Too few rows.", "Worse than chance.")
    assert str(error) == "Refused: Too few rows. Worse than chance."


def test_stale_data_are_told_feed_by_feed() -> None:
    error = StaleFeed(date(2026, 11, 23), ["notes: none since 1 November", "visits: none since 20 November"])
    assert error.feeds == ("notes: none since 1 November", "visits: none since 20 November")
    assert "of 2026-11-23 would be made of stale data. notes: none since 1 November; visits:" in str(error)


def test_exit_codes_are_the_contract_of_the_command_line() -> None:
    kinds = (SystemWrong, RequestWrong, FileRefused, GateRefused, NotAllowed, StaleFeed)
    assert [kind.exit_code for kind in kinds] == [1, 2, 2, 3, 4, 5]
