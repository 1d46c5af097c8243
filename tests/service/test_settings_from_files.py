"""Secrets may stand in files that variables name."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from models.errors import SystemWrong
from service.security.rights import Role
from service.settings import Settings


def _file(folder: Path, text: str) -> str:
    file = folder / "secret"
    file.write_text(text, encoding="utf-8")
    return str(file)


def test_the_stores_address_may_stand_in_a_file(tmp_path: Path) -> None:
    named = _file(tmp_path, "postgresql://omhu:word@database/omhu\n")
    settings = Settings.read({"OMHU_DATABASE_URL_FILE": named})
    assert settings.state.database_url == "postgresql://omhu:word@database/omhu"


def test_the_providers_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    settings = Settings.read({"OMHU_OIDC_CLIENT_SECRET_FILE": _file(tmp_path, "s3 cret\r\n")})
    assert settings.oidc_client_secret.get_secret_value() == "s3 cret"
    assert "s3 cret" not in repr(settings)


def test_a_setting_that_is_no_secret_is_not_read_from_a_file(tmp_path: Path) -> None:
    assert Settings.read({"OMHU_OIDC_ISSUER_FILE": _file(tmp_path, "https://idp")}).oidc_issuer == ""


def test_a_value_given_both_ways_is_refused_without_telling_it(tmp_path: Path) -> None:
    both = {"OMHU_DATABASE_URL": "sqlite:///word", "OMHU_DATABASE_URL_FILE": _file(tmp_path, "sqlite:///other")}
    with pytest.raises(SystemWrong, match="both set") as error:
        Settings.read(both)
    assert "sqlite" not in str(error.value)


@pytest.mark.parametrize(("text", "words"), [(None, "cannot be read"), ("\n", "is empty")])
def test_a_file_that_holds_nothing_is_refused(tmp_path: Path, text: str | None, words: str) -> None:
    named = str(tmp_path / "missing") if text is None else _file(tmp_path, text)
    with pytest.raises(SystemWrong, match=words):
        Settings.read({"OMHU_OIDC_CLIENT_SECRET_FILE": named})


def test_what_stands_in_no_file_stands_in_the_variable_itself(tmp_path: Path) -> None:
    given = {"OMHU_OIDC_ISSUER": "https://idp.example", "OMHU_OIDC_ROLES": '{"omhu-leder": "leader"}'}
    settings = Settings.read({**given, "OMHU_OIDC_CLIENT_SECRET_FILE": _file(tmp_path, "word")})
    assert settings.oidc_issuer == "https://idp.example"
    assert settings.oidc_roles == {"omhu-leder": Role.LEADER}


def test_settings_read_from_an_environment_are_of_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMHU_OIDC_ISSUER", "https://idp.example")
    monkeypatch.setenv("OMHU_RETENTION_LIST_MONTHS", "7")
    settings = Settings.read({"OMHU_HOME": "/nowhere"})
    assert (settings.oidc_issuer, settings.retention_list_months) == ("", None)
    assert Settings.read().oidc_issuer == "https://idp.example"


def test_a_setting_without_a_value_is_as_if_it_were_not_there() -> None:
    settings = Settings.read({"OMHU_RETENTION_LIST_MONTHS": "", "OMHU_OIDC_ROLES": ""})
    assert settings.retention_list_months is None
    assert settings.oidc_roles == {}


def test_a_wrong_value_is_refused_by_its_name() -> None:
    for wrong in ("no JSON", '{"a": "no role"}'):
        with pytest.raises(ValidationError, match="oidc_roles"):
            Settings.read({"OMHU_OIDC_ROLES": wrong})
