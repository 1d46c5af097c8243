"""Pages from templates, in the reader's language; one Jinja environment a language, made once.

Everything is escaped, and a name that is missing is an error and not an empty place.
"""

import hashlib
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from types import CodeType
from typing import Any, Final

from jinja2 import BytecodeCache, Environment, FileSystemLoader, StrictUndefined, select_autoescape
from jinja2.bccache import Bucket
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse

from service.security.rights import Permission, Visitor
from service.ui.language import SOURCE, Language, languages

STATIC: Final = Path(__file__).parent / "static"
TEMPLATES: Final = Path(__file__).parent / "templates"
LANGUAGE_COOKIE: Final = "sprog"
_MOST_PARTS: Final = 2048


class _Compiled(BytecodeCache):
    """Templates compiled once in a process: what differs between languages is looked up when a page is made."""

    def __init__(self) -> None:
        self._codes: dict[tuple[str, str], CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._codes[(bucket.key, bucket.checksum)] = bucket.code


_COMPILED: Final = _Compiled()


class Pages:
    """The templates of every language."""

    def __init__(self) -> None:
        self.languages: Mapping[str, Language] = languages()
        self._environments = {code: environment(language) for code, language in self.languages.items()}
        self._stylesheet = _versioned("omhu.css")

    def language(self, request: Request) -> Language:
        """The language the reader chose, or Danish."""
        return self.languages.get(request.cookies.get(LANGUAGE_COOKIE, SOURCE), self.languages[SOURCE])

    def answer(
        self,
        request: Request,
        template: str,
        facts: Mapping[str, object],
        *,
        visitor: Visitor | None = None,
        proof: str = "",
        here: str = "",
        status: int = 200,
    ) -> HTMLResponse:
        """The page; `proof` goes into every form, `here` names the place in the main menu."""
        language = self.language(request)
        frame: dict[str, object] = {
            "language": language,
            "others": [other for other in self.languages.values() if other is not language],
            "stylesheet": self._stylesheet,
            "visitor": visitor,
            "navigation": _navigation(language, visitor),
            "here": here,
            "proof_field": hidden_field("bevis", proof),
        }
        page = self._environments[language.code].get_template(template).render({**frame, **facts})
        return HTMLResponse(page, status)


def hidden_field(name: str, value: str) -> Markup:
    """A form's hidden field, escaped."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(name, value)


def _navigation(language: Language, visitor: Visitor | None) -> list[tuple[str, str, str]]:
    """What the main menu leads to: only what the visitor may open."""
    if visitor is None:
        return []
    if not visitor.may(Permission.SEE_LIST):
        return _other_places(language, visitor)
    follows_up = [("/opfolgning", language.say("Opfølgning"), "leader")] if visitor.may(Permission.FOLLOW_UP) else []
    return [
        ("/", language.say("Ugeliste"), "list"),
        ("/tavle", language.say("Tavle"), "board"),
        ("/ikke-vurderet", language.say("Ikke vurderet"), "unranked"),
        *follows_up,
        ("/om", language.say("Om listen"), "about"),
    ]


def _other_places(language: Language, visitor: Visitor) -> list[tuple[str, str, str]]:
    """The menu of those whose role shows no list."""
    say = language.say
    places = {
        Permission.MANAGE: [
            ("/administration", say("Brugere"), "users"),
            ("/administration/sessioner", say("Sessioner"), "sessions"),
            ("/administration/kapacitet", say("Kapacitet"), "capacity"),
            ("/administration/hjemmel", say("Hjemmel"), "legal"),
        ],
        Permission.READ_LOG: [("/log", say("Opslag"), "log")],
        Permission.SEE_PSEUDONYMS: [("/pseudonymer", say("Pseudonymer"), "pseudonyms")],
    }
    return [place for permission, found in places.items() if visitor.may(permission) for place in found]


def front_page(visitor: Visitor) -> str:
    """Where somebody of this role begins."""
    begins = {
        Permission.MANAGE: "/administration",
        Permission.READ_LOG: "/log",
        Permission.SEE_PSEUDONYMS: "/pseudonymer",
    }
    return next((address for permission, address in begins.items() if visitor.may(permission)), "/")


def environment(language: Language) -> Environment:
    """The templates in one language; what they are given is escaped, and a name they are not given is an error."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        bytecode_cache=_COMPILED,
    )
    made.install_gettext_translations(language.messages, newstyle=True)  # pyright: ignore[reportAttributeAccessIssue]
    made.globals["parts"] = Parts(made)  # pyright: ignore[reportArgumentType] - its stub lists what is there at first
    return made


class Parts:
    """Parts of a row, remembered by everything that is in them: the same facts give the same text, whoever looks.

    None of them holds a citizen's name, an address, or anything of the reader.
    """

    def __init__(self, templates: Environment) -> None:
        made: Any = templates.get_template("parts.html").module
        self.standing: Callable[..., Markup] = lru_cache(_MOST_PARTS)(made.standing)
        self.reasons: Callable[..., Markup] = lru_cache(_MOST_PARTS)(made.reasons)


def _versioned(name: str) -> str:
    """The file's name with a piece of its hash: a new version is fetched at once, the same one never again."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"{name}?v={digest}"
