"""The words for a look: what was done, by whom, as what and what for. The log itself keeps the codes."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from service.audit import LookAction
from service.security.rights import Role
from service.ui.language import Language
from service.ui.presenters.administration import role_word

_ROLES: Final = frozenset(Role)


@lru_cache(maxsize=8)
def action_words(language: Language) -> Mapping[LookAction, str]:
    """What each code says. Nouns, for the same code may have been refused."""
    say = language.say
    return {
        "audit.prune": say("Sletning af gamle opslag efter fristen"),
        "board.view": say("Visning af tavlen"),
        "capacity.set": say("Ændring af et distrikts kapacitet"),
        "cards.read": say("Visning af risiko i et andet system"),
        "citizen.erase": say("Sletning af en borgers oplysninger"),
        "citizen.merge": say("Sammenlægning af to numre til én borger"),
        "citizen.report": say("Udtræk af indsigt til borgeren"),
        "citizen.unmerge": say("Adskillelse af to numre"),
        "citizen.view": say("Visning af borgerens side"),
        "follow_up.view": say("Visning af opfølgningen"),
        "label.explain": say("Visning af, hvordan udfaldet er fundet"),
        "legal.set": say("Ændring af hjemmel"),
        "list.accept_stale": say("Godkendelse af en liste trods forsinkede data"),
        "list.export": say("Udtræk af ugelisten som fil"),
        "list.read": say("Ugelisten sendt til et andet system"),
        "list.view": say("Visning af ugelisten"),
        "load.cancel": say("Annullering af en indlæsning"),
        "load.receive": say("Modtagelse af data"),
        "load.rejects": say("Visning af rækker, der ikke kunne indlæses"),
        "log.export": say("Udtræk af hele loggen"),
        "log.verify": say("Efterprøvning af kæden"),
        "log.view": say("Søgning i opslagene"),
        "login": say("Login med adgangskode"),
        "login.bekraeft": say("Login med anden faktor"),
        "login.code": say("Login med engangskode"),
        "login.kode": say("Login med engangskode"),
        "login.oidc": say("Login med arbejdskonto"),
        "login.password": say("Login med adgangskode"),
        "login.second_factor": say("Login med anden faktor"),
        "logout": say("Log ud"),
        "objection.register": say("Registrering af borgerens indsigelse"),
        "objection.withdraw": say("Tilbagetrækning af borgerens indsigelse"),
        "outcomes.read": say("Tal for opfølgning sendt til et andet system"),
        "pseudonyms.view": say("Visning af listen uden navne"),
        "refused": say("Forsøg uden adgang"),
        "review.add": say("Ny gennemgang"),
        "review.undo": say("Fortrydelse af en gennemgang"),
        "risk.read": say("En borgers risiko sendt til et andet system"),
        "risk.search": say("Flere borgeres risiko sendt til et andet system"),
        "scores.read": say("En borgers risiko over tid sendt til et andet system"),
        "second_factor.confirm": say("Bekræftelse af anden faktor"),
        "second_factor.enrol": say("Tilknytning af anden faktor"),
        "second_factor.remove": say("Fjernelse af anden faktor"),
        "session.end": say("Afslutning af en session"),
        "unranked.view": say("Visning af dem, der ikke er vurderet"),
        "user.add": say("Oprettelse af en bruger"),
        "user.end": say("Afslutning af en bruger"),
        "user.reset": say("Nulstilling af en brugers adgang"),
        "user.rights": say("Ændring af en brugers rettigheder"),
    }


def action_phrase(language: Language, action: str) -> str:
    """What was done; a code of a later version of Omhu stands as it is."""
    words: Mapping[str, str] = {**action_words(language)}
    return words.get(action, action)


def look_role(language: Language, role: str) -> str:
    """What somebody was when they looked: a user's role, a system, or whoever runs the service."""
    if role in _ROLES:
        return role_word(language, Role(role))
    say = language.say
    words = {"token": say("System"), "client": say("System"), "operator": say("Drift")}
    return words.get(role, role)


def actor_words(language: Language, actor: str, names: Mapping[int, str]) -> str:
    """Who looked: the user's name by their number, or what stands for somebody who is no user."""
    kind, _, rest = actor.partition(":")
    say = language.say
    match kind:
        case "user":
            return names.get(int(rest), actor) if rest.isdigit() else actor
        case "local":
            return say("%(name)s, på serveren", name=rest)
        case "token":
            return say("System med nøgle nr. %(number)s", number=rest)
        case "client":
            return say("System nr. %(number)s", number=rest)
        case "nobody":
            return say("Ikke logget ind")
        case _:
            return actor


def purpose_phrase(language: Language, purpose: str) -> str:
    """What the look was for."""
    say = language.say
    words = {
        "care": say("Pleje"),
        "administration": say("Administration"),
        "retention": say("Sletning efter fristen"),
        "rights of the citizen": say("Borgerens rettigheder"),
    }
    return words.get(purpose, purpose)


def result_word(language: Language, *, refused: bool) -> str:
    """What came of it."""
    return language.say("Afvist") if refused else language.say("Udført")
