"""The house of the story: a maker of dosing pumps, its teams and its people. All invented."""

from dataclasses import dataclass

from accord.rooms.team import rules

NAME, DOMAIN = "Tarnbeck Dosing", "tarnbeck.example"
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
    """`speaks`: the languages of the customers whom they look after."""

    key: str
    name: str
    role: str
    team: str | None
    speaks: tuple[str, ...]
    language: str = ""
    zone: str = "Europe/Berlin"

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
    Colleague("nele.brandis", "Nele Brandis", rules.INSIDE, "Inside sales north", ("de",)),
    Colleague("owen.tranter", "Owen Tranter", rules.INSIDE, "Inside sales north", ("en", "de"), zone="Europe/London"),
    Colleague("timur.akhmetov", "Тимур Ахметов", rules.INSIDE, "Inside sales north", ("ru",), zone="Asia/Almaty"),
    Colleague("meng.xiaoqing", "孟晓晴", rules.INSIDE, "China team", ("zh",), "zh-hans", "Asia/Shanghai"),
    Colleague("matthias.kern", "Matthias Kern", rules.FIELD, "Field sales", ("de", "ru")),
    Colleague("olivia.hartwell", "Olivia Hartwell", rules.FIELD, "Field sales", ("en",), zone="Europe/London"),
    Colleague("shao.jianguo", "邵建国", rules.FIELD, "China team", ("zh",), "zh-hans", "Asia/Shanghai"),
    Colleague("gregor.falk", "Gregor Falk", rules.SALES_LEAD, "Field sales", EVERYBODY),
    Colleague("birte.lohmann", "Birte Lohmann", rules.SERVICE, None, EVERYBODY),
    Colleague("marek.dvorsky", "Marek Dvorský", rules.PARTNER, "Partners", EVERYBODY),
    Colleague("annika.thalberg", "Annika Thalberg", rules.EXECUTIVE, None, ()),
]


def looking_after(role: str, language: str) -> list[Colleague]:
    """Who in that role looks after customers of that language."""
    return [one for one in COLLEAGUES if one.role == role and language in one.speaks]
