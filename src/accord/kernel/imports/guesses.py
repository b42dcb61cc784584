"""What the columns of an unknown file seem to mean: by their names in three languages, and by what stands in them."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accord.kernel.imports.maps import Target
from accord.kernel.imports.values import guess_date_format, parse_bool
from accord.kernel.text import email_key, fold

# The last part of a target's name: other words for it. Words of one line are separated by "|".
SYNONYMS = {
    "email": "e mail|mail|email address|e mail address|邮箱|电子邮件|电子邮箱|邮件|邮箱地址|почта|эл почта"
    "|электронная почта|имейл",
    "name": "full name|fullname|contact name|姓名|名称|名字|联系人|имя|фио|название|наименование|контактное лицо",
    "first_name": "first name|firstname|given name|forename|vorname|名|имя",
    "last_name": "last name|lastname|surname|family name|nachname|姓|фамилия",
    "company": "company name|organization|organisation|account|account name|firm|firma|employer|公司|公司名称|企业"
    "|企业名称|单位|客户名称|компания|название компании|организация|предприятие|фирма",
    "phone": "telephone|tel|phone number|mobile|mobile phone|cell|cell phone|telefon|电话|手机|手机号|电话号码"
    "|联系电话|телефон|номер телефона|моб телефон|мобильный телефон|мобильный",
    "title": "job title|jobtitle|position|role|职位|职务|岗位|头衔|должность|позиция",
    "department": "dept|division|部门|отдел|департамент|подразделение",
    "seniority": "job level|level|职级|级别|уровень|уровень должности",
    "country": "country name|country code|land|国家|国家地区|страна",
    "city": "town|place|ort|stadt|城市|город|населенный пункт",
    "region": "state|province|county|省|省份|地区|регион|область|край",
    "industry": "sector|branch|branche|vertical|行业|所属行业|отрасль|сфера деятельности|индустрия",
    "employees": "number of employees|employee count|headcount|company size|staff|员工数|员工人数|人数|规模|公司规模"
    "|сотрудники|число сотрудников|количество сотрудников|численность",
    "revenue": "annual revenue|turnover|umsatz|营业额|年收入|营收|выручка|оборот|годовой оборот",
    "budget": "预算|бюджет",
    "website": "web|url|homepage|web site|网站|网址|官网|сайт|веб сайт",
    "domain": "company domain|域名|домен",
    "language": "lang|sprache|语言|язык",
    "external_id": "id|record id|contact id|customer id|external id|extern id|编号|客户编号|ид|идентификатор|код"
    "|внешний код",
    "contact": "contact id|lead id|customer id|external id|user id|id|联系人编号|ид контакта|клиент|客户编号"
    "|线索编号|编号",
    "occurred_at": "date|created|created at|create date|created on|timestamp|time|first contact|first contact date"
    "|日期|时间|创建时间|创建日期|дата|дата создания|время|дата обращения",
    "recorded_at": "recorded|entered at|imported at|录入时间|дата записи",
    "opened_at": "opened|open date|start date|created|created at|开始日期|创建日期|дата открытия|дата начала"
    "|дата создания",
    "closed_at": "closed|close date|closing date|won date|成交日期|关闭日期|结束日期|дата закрытия|дата сделки|закрыта",
    "amount": "value|deal value|deal amount|sum|total|price|金额|成交金额|总额|сумма|сумма сделки|стоимость|цена",
    "currency": "currency code|货币|币种|валюта",
    "stage": "deal stage|lead stage|status|lead status|pipeline stage|阶段|状态|销售阶段|стадия|этап|статус",
    "outcome": "result|won lost|结果|результат|исход|итог",
    "reason": "lost reason|loss reason|reason lost|原因|丢单原因|причина|причина отказа|причина проигрыша",
    "owner": "responsible|assigned to|account owner|contact owner|lead owner|deal owner|sales rep|负责人|所有者"
    "|跟进人|销售|ответственный|владелец|менеджер",
    "campaign": "campaign name|utm campaign|活动|市场活动|кампания|рекламная кампания",
    "channel": "utm medium|medium|source channel|渠道|канал",
    "source": "lead source|origin|utm source|来源|线索来源|источник|источник лида",
    "kind": "type|event|event type|activity type|类型|тип|вид|событие",
    "note": "notes|comment|comments|description|remarks|备注|说明|描述|комментарий|примечание|описание",
    "anonymous_id": "anonymous id|visitor id|cookie|device id|访客编号",
    "machine": "is machine|bot|is bot|机器|бот",
    "field": "field name|property|字段|поле",
    "value": "field value|новое значение|值|значение",
    "move": "transition|action|动作|действие",
}

PARTS = ("first_name", "last_name")
IDENTIFYING = ("contact", "external_id")

BY_NAME, BY_SYNONYM, BY_ADDRESS, BY_PART, BY_CONTENT = 0.95, 0.9, 0.7, 0.55, 0.5
CONTRADICTED = 0.35
HALF, ENOUGH = 0.5, 0.8
LEAST = 0.3

NUMBER = re.compile(r"[-+]?[\d.,'\s]*\d[\d.,'\s]*")
AMOUNT = re.compile(r"[-+(]?\D{0,4}[\d.,'\s]*\d[\d.,'\s]*\D{0,4}\)?")
PHONE = re.compile(r"\+?[\d\s().\-/]{6,20}")


@dataclass(frozen=True, slots=True)
class Guess:
    """What a column seems to mean: a target ("" where nothing fits), how sure that is (0 to 1), and why."""

    column: str
    target: str
    confidence: float
    why: str | Promise


def guess_map(
    kind: str, header: Sequence[str], samples: Sequence[Sequence[str]], targets: Sequence[Target]
) -> list[Guess]:
    """One guess per column, no target twice; of equal guesses the target of the kind's own record goes first."""
    columns = [[row[place].strip() for row in samples if row[place].strip()] for place in range(len(header))]
    known = [target for target in targets if not target.name.endswith(".*")]
    own = f"{kind[:-3]}y" if kind.endswith("ies") else kind.removesuffix("s")
    candidates = [
        (-sureness, not target.name.startswith(f"{own}."), place, rank, why)
        for place, name in enumerate(header)
        for rank, target in enumerate(known)
        for sureness, why in [_judged(name, columns[place], target)]
        if sureness >= LEAST
    ]
    taken: dict[int, Guess] = {}
    given: set[int] = set()
    for sureness, _foreign, place, rank, why in sorted(candidates, key=lambda one: one[:4]):
        if place not in taken and rank not in given:
            taken[place] = Guess(header[place], known[rank].name, -sureness, why)
            given.add(rank)
    return [taken.get(place, Guess(name, "", 0.0, _("Nothing known fits."))) for place, name in enumerate(header)]


def _judged(name: str, cells: Sequence[str], target: Target) -> tuple[float, str | Promise]:
    sureness, why = _by_name(_words(name), target)
    last = target.name.rpartition(".")[2]
    looks = LOOKS.get(last) or LOOKS.get(target.type)
    if not cells:
        return sureness, why
    if not sureness:
        return _by_content(name, cells, last, target.type)
    if looks and looks(cells) < HALF:
        message = _("{why} What stands in it does not look like it.")
        return round(sureness * CONTRADICTED, 3), format_lazy(message, why=why)
    return sureness, why


def _by_content(name: str, cells: Sequence[str], last: str, type: str) -> tuple[float, str | Promise]:
    if last == "email" and LOOKS["email"](cells) >= ENOUGH:
        return BY_ADDRESS, _("What stands in it looks like e-mail addresses.")
    if type == "date" and LOOKS["date"](cells) >= ENOUGH:
        return BY_CONTENT, _("What stands in it looks like dates.")
    if last in IDENTIFYING and _words(name).endswith("id") and len(set(cells)) == len(cells):
        return BY_CONTENT, _("Every row has another value in it.")
    return 0.0, ""


def _by_name(words: str, target: Target) -> tuple[float, str | Promise]:
    whole, (owner, _point, last) = _words(target.name), target.name.rpartition(".")
    # A part of a person's name is the name of no company and no deal, though it ends in that word.
    if last == "name" and owner != "contact" and any(words in {_words(p), *_synonyms(p)} for p in PARTS):
        return 0.0, ""
    if words == whole:
        return 1.0, _("The name is the target's.")
    if words in {_words(last), _words(str(target.label))}:
        return BY_NAME, _("The name is the target's.")
    synonyms = _synonyms(last) | (_synonyms(owner) | {_words(owner)} if target.name == "company.name" else set())
    if words in synonyms | {f"{_words(owner)} {synonym}" for synonym in synonyms}:
        return BY_SYNONYM, _("The name is another word for it.")
    longest = max((name for name in synonyms | {whole, _words(last)} if _holds(words, name)), key=len, default="")
    if longest:
        return round(BY_PART + len(longest) / 100, 3), format_lazy(_("The name ends in “{word}”."), word=longest)
    return 0.0, ""


def _synonyms(word: str) -> set[str]:
    return {_words(synonym) for synonym in SYNONYMS.get(word, "").split("|")} - {""}


def _words(name: str) -> str:
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return " ".join(re.sub(r"[\W_]+", " ", fold(apart)).split())


def _holds(words: str, name: str) -> bool:
    """Whether the name is the last word of several: a "lead type" is a type, and no lead."""
    if words.startswith(("has ", "is ")) or len(name) < (3 if name.isascii() else 2):
        return False
    return words.endswith(f" {name}") or (not name.isascii() and " " not in words and words.endswith(name))


def _share(cells: Sequence[str], fits: Callable[[str], object]) -> float:
    return sum(bool(fits(cell)) for cell in cells) / len(cells)


def _yes_or_no(cell: str) -> bool:
    try:
        parse_bool(cell)
    except ValueError:
        return False
    return True


LOOKS: dict[str, Callable[[Sequence[str]], float]] = {
    "email": lambda cells: _share(cells, email_key),
    "phone": lambda cells: _share(cells, PHONE.fullmatch),
    "date": lambda cells: float(bool(guess_date_format(cells))),
    "number": lambda cells: _share(cells, NUMBER.fullmatch),
    "bool": lambda cells: _share(cells, _yes_or_no),
    "money": lambda cells: _share(cells, AMOUNT.fullmatch),
}
