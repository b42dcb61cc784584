"""The house of the story: a maker of dosing pumps, its teams and its people. All invented."""

from dataclasses import dataclass
from typing import Any

from accord.demo.population import Company, Person
from accord.rooms.team import rules

NAME, DOMAIN = "Tarnbeck Dosing", "tarnbeck.example"
WEBSITE = f"www.{DOMAIN}"  # the key by which its touches come
SETTINGS = {"zone": "Europe/Berlin", "currency": "EUR", "calendar": "DE"}

TEAMS = {
    "Marketing": "marketing",
    "Inside sales north": "sales",
    "Field sales": "sales",
    "China team": "sales",
    "Partners": "sales",
}


@dataclass(frozen=True)
class Colleague:
    """`speaks`: the languages of the customers whom they look after. `skill` is added to the log-odds of what they do
    with a lead; `pace` multiplies the time until they call, for some have more to do than others."""

    key: str
    name: str
    role: str
    team: str | None
    speaks: tuple[str, ...]
    language: str = ""
    zone: str = "Europe/Berlin"
    skill: float = 0.0
    pace: float = 1.0

    @property
    def email(self) -> str:
        return f"{self.key}@{DOMAIN}"


EVERYBODY = ("de", "en", "zh", "ru")
# The administrator first: whoever comes after is let in by them.
COLLEAGUES = [
    Colleague("ruth.ostermann", "Ruth Ostermann", rules.ADMIN, None, ()),
    Colleague("henrike.voss", "Henrike Voss", rules.MARKETING_LEAD, "Marketing", EVERYBODY),
    Colleague("callum.ridley", "Callum Ridley", rules.MARKETING, "Marketing", ("de", "en")),
    Colleague("jiang.yifan", "蒋一凡", rules.MARKETING, "Marketing", ("zh",), "zh-hans", "Asia/Shanghai"),
    Colleague("darya.lazareva", "Дарья Лазарева", rules.MARKETING, "Marketing", ("ru",), zone="Asia/Almaty"),
    Colleague("nele.brandis", "Nele Brandis", rules.INSIDE, "Inside sales north", ("de",), skill=0.25, pace=0.8),
    Colleague(
        "owen.tranter",
        "Owen Tranter",
        rules.INSIDE,
        "Inside sales north",
        ("en", "de"),
        zone="Europe/London",
        skill=-0.2,
        pace=1.7,
    ),
    Colleague("timur.akhmetov", "Тимур Ахметов", rules.INSIDE, "Inside sales north", ("ru",), zone="Asia/Almaty"),
    Colleague("meng.xiaoqing", "孟晓晴", rules.INSIDE, "China team", ("zh",), "zh-hans", "Asia/Shanghai", skill=0.1),
    Colleague("matthias.kern", "Matthias Kern", rules.FIELD, "Field sales", ("de", "ru")),
    Colleague(
        "olivia.hartwell", "Olivia Hartwell", rules.FIELD, "Field sales", ("en",), zone="Europe/London", skill=0.3
    ),
    Colleague("shao.jianguo", "邵建国", rules.FIELD, "China team", ("zh",), "zh-hans", "Asia/Shanghai", skill=-0.15),
    Colleague("gregor.falk", "Gregor Falk", rules.SALES_LEAD, "Field sales", EVERYBODY),
    Colleague("birte.lohmann", "Birte Lohmann", rules.SERVICE, None, EVERYBODY),
    Colleague("marek.dvorsky", "Marek Dvorský", rules.PARTNER, "Partners", EVERYBODY),
    Colleague("annika.thalberg", "Annika Thalberg", rules.EXECUTIVE, None, ()),
]


def looking_after(role: str, who: Company) -> Colleague:
    """Who in that role looks after a company: somebody who speaks its language, always the same."""
    able = [one for one in COLLEAGUES if one.role == role and who.language in one.speaks]
    return able[who.number % len(able)]


def said_of(who: Person) -> dict[str, str]:
    """What the house writes down of somebody whom it meets."""
    return {
        "name": who.name, "email": who.email, "phone": who.phone, "title": who.title.words[who.company.language],
        "seniority": who.title.seniority, "department": who.title.department,
        "country": who.company.place.country, "language": who.language,
    }  # fmt: skip


def said_of_company(company: Company) -> dict[str, Any]:
    place = company.place
    return {
        "name": company.name, "domain": company.domain, "industry": company.industry.name,
        "employees": company.employees, "country": place.country, "city": place.city, "region": place.region,
        "tier": company.tier, "owner": looking_after(rules.INSIDE, company).email,
    }  # fmt: skip
