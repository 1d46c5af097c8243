"""Whose settings are whose: each file is a whole, little is common, and what is shared by mistake is refused."""

from pathlib import Path

import pytest

from models.errors import FileRefused, NotFound, OmhuError, SystemWrong
from service.municipalities.apart import every
from service.municipalities.environments import Municipality, environment, names
from service.municipalities.files import read_variables
from service.storage.addresses import identity, place_of
from service.storage.database import Database
from tests.postgres import Cluster
from tests.service.municipalities.towns import surroundings


def written(folder: Path, text: str) -> Path:
    """A file of settings that says this."""
    file = folder / "aarhus.env"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_file_says_what_stands_in_it(tmp_path: Path) -> None:
    text = (
        "\ufeff# A remark\r\n\r\nOMHU_HOME=/data\r\n  OMHU_OIDC_SCOPE = openid profile\n"
        'OMHU_OIDC_ROLES={"a b": "nurse", "c#d": "leader"}\n'
        'OMHU_OIDC_CLIENT_SECRET=" p=$HOME\\n # \'"\nOMHU_RETENTION_LIST_MONTHS=\n'
    )
    assert read_variables(written(tmp_path, text.replace(" = ", "="))) == {
        "OMHU_HOME": "/data",
        "OMHU_OIDC_SCOPE": "openid profile",
        "OMHU_OIDC_ROLES": '{"a b": "nurse", "c#d": "leader"}',
        "OMHU_OIDC_CLIENT_SECRET": " p=$HOME\\n # '",
        "OMHU_RETENTION_LIST_MONTHS": "",
    }


@pytest.mark.parametrize(
    "line",
    ["word", "export A=word", "A B=word", "=word", "A=word # why", "A='word", "A='wo'rd'", "A=wo\0rd", "A=1\nA=word"],
)
def test_a_line_that_could_mean_two_things_is_refused_without_its_words(tmp_path: Path, line: str) -> None:
    with pytest.raises(FileRefused, match="line") as error:
        read_variables(written(tmp_path, f"{line}\n"))
    assert "word" not in str(error.value)


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "aarhus.env").write_bytes(b"A=\xff")
    for file in (tmp_path / "aarhus.env", tmp_path / "none.env"):
        with pytest.raises(FileRefused, match="cannot be read"):
            read_variables(file)


def test_the_names_are_those_of_the_files(tmp_path: Path) -> None:
    around = surroundings(tmp_path)
    folder = Path(around["OMHU_MUNICIPALITIES"])
    for other in (".env", ".#aarhus.env", "README.md", "aarhus.env~"):
        (folder / other).touch()
    assert names(around) == ("aarhus", "odense")
    assert names({}) == names({"OMHU_MUNICIPALITIES": ""}) == ()
    with pytest.raises(NotFound, match="There are: aarhus, odense"):
        environment("../aarhus", around)
    (folder / "Ribe.env").touch()
    with pytest.raises(OmhuError, match="cannot be called 'Ribe'"):
        names(around)


def test_a_folder_without_municipalities_is_refused(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "none"):
        with pytest.raises(SystemWrong, match="OMHU_MUNICIPALITIES"):
            names({"OMHU_MUNICIPALITIES": str(folder)})


def test_what_a_file_does_not_say_is_nobody_elses(tmp_path: Path) -> None:
    around = surroundings(tmp_path, odense={"OMHU_RETENTION_AUDIT_MONTHS": "12"}) | {
        "OMHU_DATABASE_URL": "postgresql://u:p@host/all",
        "OMHU_DATABASE_URL_FILE": "/run/secrets/database_url",
        "OMHU_PUBLIC_ADDRESS": "https://all.example.dk",
        "OMHU_OIDC_ISSUER": "https://idp.example.dk",
        "OMHU_OIDC_CLIENT_SECRET": "word",
        "OMHU_RETENTION_AUDIT_MONTHS": "36",
        "OMHU_RETENTION_LIST_MONTHS": "60",
        "MLFLOW_TRACKING_URI": "http://mlflow:5000",
        "PATH": "/bin",
    }
    aarhus, odense = every(around)
    base = tmp_path / "home"
    for one in (aarhus, odense):
        settings, state = one.settings, one.settings.state
        assert (state.folder, state.database_url) == (base / one.name, f"sqlite:///{base / one.name}/omhu.db")
        assert (settings.oidc_issuer, settings.oidc_client_secret.get_secret_value()) == ("", "")
        assert settings.public_address == f"http://{one.name}.example.dk"
        assert (state.model, state.tracking_uri) == (f"omhu-{one.name}", "http://mlflow:5000")
        assert settings.retention_list_months == 60
        assert one.environment["PATH"] == "/bin"
        assert "OMHU_MUNICIPALITIES" not in one.environment
    assert (aarhus.settings.retention_audit_months, odense.settings.retention_audit_months) == (36, 12)


def test_the_environment_of_one_is_that_of_an_installation_of_one(tmp_path: Path) -> None:
    one = Municipality.read("odense", surroundings(tmp_path))
    assert every(one.environment) == ()
    assert type(one.settings).read(one.environment) == one.settings


def test_a_word_nobody_knows_is_refused(tmp_path: Path) -> None:
    for strange in ("OMHU_DATABSE_URL", "PATH", "OMHU_MUNICIPALITY", "OMHU_MUNICIPALITIES", "OMHU_OIDC_ISSUER_FILE"):
        with pytest.raises(SystemWrong, match=f"odense.env sets {strange}"):
            every(surroundings(tmp_path, odense={strange: "word"}))
    known = {"OMHU_DATABASE_URL_FILE": "", "MLFLOW_TRACKING_URI": "", "MLFLOW_TRACKING_PASSWORD": "word"}
    assert len(every(surroundings(tmp_path, odense=known))) == 2


SHARED = (
    ("sqlite:////data/omhu.db", "sqlite:////data/./omhu.db"),
    ("postgresql://a:1@db/omhu", "postgresql+psycopg://b:2@DB:5432/omhu?connect_timeout=3"),
    ("postgresql://a@localhost/omhu", "postgresql://a@127.0.0.1/omhu"),
    ("postgresql://a@/omhu?host=/run/pg", "postgresql:///?host=/run/pg&user=b&dbname=omhu"),
    ("postgresql://omhu@db", "postgresql://a@db/omhu"),
    ("postgresql://a@db/omhu", "postgresql://a@db/omhu?options=-csearch_path%3Dodense"),
)
APART = (
    ("postgresql://a@db/omhu", "postgresql://a@db/other"),
    ("postgresql://a@db/omhu", "postgresql://a@db2/omhu"),
    ("postgresql://a@db/omhu", "postgresql://a@db:5433/omhu"),
    ("postgresql://a@/omhu?host=/run/pg", "postgresql://a@/omhu?host=/run/pg2"),
)


@pytest.mark.parametrize(("first", "second"), SHARED)
def test_two_may_not_share_a_store(tmp_path: Path, first: str, second: str) -> None:
    around = surroundings(tmp_path, aarhus={"OMHU_DATABASE_URL": first}, odense={"OMHU_DATABASE_URL": second})
    with pytest.raises(SystemWrong, match="aarhus and odense share a store") as error:
        every(around)
    assert first not in str(error.value)


@pytest.mark.parametrize(("first", "second"), APART)
def test_two_stores_are_told_apart(first: str, second: str) -> None:
    assert place_of(first) != place_of(second)


def test_two_may_not_share_a_folder_of_state(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "home")
    for folder in (tmp_path / "home" / "aarhus", tmp_path / "link" / "aarhus" / "within", tmp_path / "home"):
        with pytest.raises(SystemWrong, match="aarhus and odense share a folder of state"):
            every(surroundings(tmp_path, odense={"OMHU_HOME": str(folder), "OMHU_DATABASE_URL": "postgresql://a@b/c"}))


def test_a_store_tells_who_it_is_by_whichever_address(migrated_cluster: Cluster, postgresql_url: str) -> None:
    found: list[str] = []
    schema = f"{postgresql_url}&application_name=other&options=-csearch_path%3Dodense"
    for url in (postgresql_url, schema, migrated_cluster.url("migrated")):
        with Database.open(url) as database, database.read() as session:
            found.append(identity(session))
    assert found[0] == found[1] != found[2]
