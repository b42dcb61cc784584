"""Whom the house meets: companies and the people in them, drawn from the word lists."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import count
from random import Random
from typing import TypeVar

from accord.demo import names
from accord.demo.names import Industry, Place, Title

Drawn = TypeVar("Drawn")
TRIES = 200
MANY, SOME = 1000, 150  # employees from which a company is an enterprise, or mid-market


@dataclass(frozen=True, eq=False)
class Company:
    number: int
    name: str
    domain: str
    language: str
    place: Place
    industry: Industry
    employees: int

    @property
    def tier(self) -> str:
        return "Enterprise" if self.employees >= MANY else "Mid-market" if self.employees >= SOME else "Small"


@dataclass(frozen=True, eq=False)
class Person:
    number: int
    company: Company
    name: str
    email: str
    phone: str
    title: Title
    language: str

    @property
    def fit(self) -> float:
        """How well somebody suits, from 0 to 1: what their company does, and what they have to say in it."""
        return math.sqrt(self.company.industry.fit * self.title.fit)

    @property
    def device(self) -> str:
        return f"device-{self.number:05}"


def companies(rng: Random, how_many: int) -> list[Company]:
    """Companies with a name and a domain of their own each."""
    taken: set[str] = set()
    return [_company(rng, number, taken) for number in range(how_many)]


def people(rng: Random, at: list[Company], how_many: int, others: Iterable[Person] = ()) -> list[Person]:
    """At least one at each company, the rest where many work; nobody is called as another is, nor as `others`."""
    weights = [math.log(company.employees) ** 2 for company in at]
    places = [*at, *rng.choices(at, weights, k=how_many)][:how_many]
    taken = {who.name for who in others}
    return [_person(rng, number, company, taken) for number, company in enumerate(places)]


def weighted(rng: Random, choices: Iterable[tuple[Drawn, float]]) -> Drawn:
    drawn, weights = zip(*choices, strict=True)
    return rng.choices(drawn, weights)[0]


def _company(rng: Random, number: int, taken: set[str]) -> Company:
    language = weighted(rng, names.LANGUAGES.items())
    place = rng.choice(names.PLACES[language])
    industry = weighted(rng, ((i, i.weight) for i in names.INDUSTRIES))
    name, latin = _new(lambda: _called(rng, language, place, industry), taken)
    employees = round(20 + rng.lognormvariate(math.log(180), 1.2))
    domain = _free(f"{latin}-{industry.latin}{{}}.example", taken)
    return Company(number, name, domain, language, place, industry, employees)


def _person(rng: Random, number: int, company: Company, taken: set[str]) -> Person:
    name, local = _new(lambda: _named(rng, company.language), taken)
    email = _free(f"{local}{{}}@{company.domain}", taken)
    phone = company.place.phone.format(rng.randrange(1000))
    title = weighted(rng, ((t, t.weight) for t in names.TITLES))
    language = "en" if company.language == "de" and rng.random() < 0.08 else company.language
    return Person(number, company, name, email, phone, title, language)


def _called(rng: Random, language: str, place: Place, industry: Industry) -> tuple[str, str]:
    """A company's name as written, and as it stands in its domain."""
    stem, latin = rng.choice(names.STEMS[language])
    form = rng.choice(names.FORMS[language])
    return form.format(stem=stem, city=place.city, word=industry.words[language]), latin


def _named(rng: Random, language: str) -> tuple[str, str]:
    """A name as written, and as it stands before the @."""
    given, latin = rng.choice(names.GIVEN[language])
    surname, latin_surname = rng.choice(names.SURNAMES[language])
    if language == "zh":
        return f"{surname}{given}", f"{latin}.{latin_surname}"
    if latin in names.WOMEN:
        surname, latin_surname = f"{surname}а", f"{latin_surname}a"
    return f"{given} {surname}", f"{latin}.{latin_surname}"


def _new(draw: Callable[[], tuple[str, str]], taken: set[str]) -> tuple[str, str]:
    """Drawn until nobody is called so, or many times over: then somebody is."""
    found = next((one for one in (draw() for _ in range(TRIES)) if one[0] not in taken), None) or draw()
    taken.add(found[0])
    return found


def _free(pattern: str, taken: set[str]) -> str:
    """The first of `x`, `x2`, `x3` … that nobody has: names run out before people do."""
    numbered = (pattern.format("" if number == 1 else number) for number in count(1))
    free = next(one for one in numbered if one not in taken)
    taken.add(free)
    return free
