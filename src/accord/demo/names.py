"""Words of our own making: places, companies, people, titles.

Nobody here exists; telephone numbers are those kept for fiction where a country has such.
"""

from dataclasses import dataclass

LANGUAGES = {"de": 34, "en": 26, "zh": 25, "ru": 15}


@dataclass(frozen=True)
class Place:
    country: str
    city: str
    region: str
    phone: str
    currency: str = "EUR"


PLACES = {
    "de": [
        Place("Germany", "Bremen", "Northern Germany", "+49 30 23125 {:03}"),
        Place("Germany", "Kassel", "Central Germany", "+49 69 90009 {:03}"),
        Place("Germany", "Krefeld", "Western Germany", "+49 221 4710 {:03}"),
        Place("Germany", "Augsburg", "Southern Germany", "+49 89 99998 {:03}"),
        Place("Austria", "Linz", "Austria", "+43 1 5550 {:03}"),
        Place("Switzerland", "Winterthur", "Switzerland", "+41 44 5550 {:03}", "CHF"),
    ],
    "en": [
        Place("United Kingdom", "Sheffield", "Northern England", "+44 1632 960{:03}", "GBP"),
        Place("United Kingdom", "Swindon", "Southern England", "+44 1632 960{:03}", "GBP"),
        Place("United Kingdom", "Dundee", "Scotland", "+44 1632 960{:03}", "GBP"),
        Place("Ireland", "Limerick", "Ireland", "+353 20 910 0{:03}"),
        Place("Netherlands", "Zwolle", "Netherlands", "+31 20 555 0{:03}"),
    ],
    "zh": [
        Place("China", "无锡", "East China", "+86 510 5550 0{:03}", "CNY"),
        Place("China", "嘉兴", "East China", "+86 573 5550 0{:03}", "CNY"),
        Place("China", "佛山", "South China", "+86 757 5550 0{:03}", "CNY"),
        Place("China", "烟台", "North China", "+86 535 5550 0{:03}", "CNY"),
        Place("China", "绵阳", "West China", "+86 816 5550 0{:03}", "CNY"),
    ],
    "ru": [
        Place("Kazakhstan", "Караганда", "Kazakhstan", "+7 721 555 0{:03}"),
        Place("Kazakhstan", "Павлодар", "Kazakhstan", "+7 718 555 0{:03}"),
        Place("Russia", "Тверь", "Central Russia", "+7 482 555 0{:03}"),
        Place("Russia", "Ижевск", "Volga", "+7 341 555 0{:03}"),
    ],
}


@dataclass(frozen=True)
class Industry:
    """`fit`: how well it suits the pumps, from 0 to 1. `words` stand in companies' names, `latin` in domains."""

    name: str
    weight: int
    fit: float
    words: dict[str, str]
    latin: str


INDUSTRIES = [
    Industry(
        "Drinking water", 18, 0.9, {"de": "Wasserwerke", "en": "Water", "zh": "水务", "ru": "Водоснабжение"}, "water"
    ),
    Industry(
        "Waste water", 16, 0.85, {"de": "Klärtechnik", "en": "Reclamation", "zh": "环保", "ru": "Водоочистка"}, "clear"
    ),
    Industry("Chemicals", 15, 0.8, {"de": "Chemie", "en": "Chemicals", "zh": "化工", "ru": "Химия"}, "chem"),
    Industry("Food and drink", 14, 0.55, {"de": "Lebensmittel", "en": "Foods", "zh": "食品", "ru": "Продукты"}, "food"),
    Industry(
        "Surface finishing", 11, 0.7, {"de": "Galvanik", "en": "Plating", "zh": "表面处理", "ru": "Гальваника"}, "plate"
    ),
    Industry("Paper", 10, 0.6, {"de": "Papier", "en": "Paper", "zh": "纸业", "ru": "Бумага"}, "paper"),
    Industry("Pharmaceuticals", 9, 0.5, {"de": "Arzneimittel", "en": "Pharma", "zh": "制药", "ru": "Фарма"}, "pharma"),
    Industry("Power", 7, 0.4, {"de": "Energie", "en": "Power", "zh": "能源", "ru": "Энерго"}, "power"),
]

FORMS = {
    "de": ["{stem} {word} GmbH", "{stem} {word} AG", "{stem} {word} GmbH & Co. KG", "{word} {city} {stem} GmbH"],
    "en": ["{stem} {word}", "{stem} {word} Ltd", "{stem} {word} plc", "{stem} {word} of {city}"],
    "zh": ["{city}{stem}{word}有限公司", "{city}{stem}{word}股份有限公司", "{stem}{word}（{city}）有限公司"],
    "ru": ["ООО «{stem}-{word}»", "АО «{stem} {word}»", "ТОО «{stem}-{word}»", "ООО «{stem}-{word} {city}»"],
}

# As written, and in Latin letters for domains.
STEMS = {
    "de": [
        ("Wiesenthal", "wiesenthal"), ("Brockmühle", "brockmuehle"), ("Ehrenfels", "ehrenfels"),
        ("Hasselrode", "hasselrode"), ("Krummbach", "krummbach"), ("Lautersee", "lautersee"),
        ("Mönchsried", "moenchsried"), ("Niederau", "niederau"), ("Quellbrunn", "quellbrunn"),
        ("Rabenhorst", "rabenhorst"), ("Silberhütte", "silberhuette"), ("Tannwald", "tannwald"),
        ("Uhlenbrook", "uhlenbrook"), ("Vossberg", "vossberg"), ("Weidach", "weidach"), ("Zellhausen", "zellhausen"),
        ("Auental", "auental"), ("Birkenau", "birkenau"), ("Drachenfurt", "drachenfurt"), ("Immenried", "immenried"),
    ],
    "en": [
        ("Hollowmere", "hollowmere"), ("Pennard", "pennard"), ("Calderbrook", "calderbrook"),
        ("Wexcombe", "wexcombe"), ("Thornlea", "thornlea"), ("Marshgate", "marshgate"), ("Eastmoor", "eastmoor"),
        ("Corvendale", "corvendale"), ("Graymouth", "graymouth"), ("Oakhanger", "oakhanger"),
        ("Rushford", "rushford"), ("Selwick", "selwick"), ("Ulverby", "ulverby"), ("Winterfold", "winterfold"),
        ("Brackenridge", "brackenridge"), ("Langthwaite", "langthwaite"), ("Kingsmarsh", "kingsmarsh"),
        ("Dunmallet", "dunmallet"),
    ],
    "zh": [
        ("泓润", "hongrun"), ("嘉渠", "jiaqu"), ("瑞澜", "ruilan"), ("启衡", "qiheng"), ("安澄", "ancheng"),
        ("博汐", "boxi"), ("锦沅", "jinyuan"), ("清禾", "qinghe"), ("远泽", "yuanze"), ("天屿", "tianyu"),
        ("正渊", "zhengyuan"), ("新霖", "xinlin"), ("华沐", "huamu"), ("金珀", "jinpo"), ("宏岳", "hongyue"),
        ("润芷", "runzhi"), ("明澈", "mingche"), ("丰淇", "fengqi"),
    ],
    "ru": [
        ("Вертикаль", "vertikal"), ("Истра", "istra"), ("Каскад", "kaskad"), ("Меридиан", "meridian"),
        ("Полюс", "polyus"), ("Родник", "rodnik"), ("Сарма", "sarma"), ("Тобол", "tobol"), ("Ялма", "yalma"),
        ("Кедровый", "kedrovy"), ("Бирюза", "biryuza"), ("Днестрик", "dnestrik"), ("Лазурит", "lazurit"),
        ("Прибой", "priboy"),
    ],
}  # fmt: skip

# Given names as written and in Latin letters; in Russian by gender, since the surname follows it.
GIVEN = {
    "de": [
        ("Annegret", "annegret"), ("Bastian", "bastian"), ("Carla", "carla"), ("Detlef", "detlef"), ("Elke", "elke"),
        ("Florian", "florian"), ("Gesine", "gesine"), ("Holger", "holger"), ("Imke", "imke"), ("Jörg", "joerg"),
        ("Kerstin", "kerstin"), ("Lutz", "lutz"), ("Merle", "merle"), ("Niklas", "niklas"), ("Ortrud", "ortrud"),
        ("Philipp", "philipp"), ("Regine", "regine"), ("Sönke", "soenke"), ("Tabea", "tabea"), ("Uwe", "uwe"),
        ("Verena", "verena"), ("Wolfgang", "wolfgang"), ("Yvonne", "yvonne"), ("Jürgen", "juergen"),
        ("Almut", "almut"), ("Bernd", "bernd"), ("Cornelia", "cornelia"), ("Dirk", "dirk"), ("Edda", "edda"),
        ("Frieder", "frieder"), ("Gudrun", "gudrun"), ("Hauke", "hauke"), ("Ilka", "ilka"),
        ("Joachim", "joachim"), ("Katja", "katja"), ("Ludger", "ludger"), ("Maren", "maren"),
        ("Norbert", "norbert"), ("Olaf", "olaf"), ("Petra", "petra"), ("Rainer", "rainer"), ("Silke", "silke"),
        ("Torsten", "torsten"), ("Ulrike", "ulrike"), ("Volker", "volker"), ("Wiebke", "wiebke"),
        ("Anselm", "anselm"), ("Birgit", "birgit"), ("Clemens", "clemens"), ("Dagmar", "dagmar"),
        ("Eckhard", "eckhard"), ("Frauke", "frauke"),
    ],
    "en": [
        ("Aisha", "aisha"), ("Bernard", "bernard"), ("Catriona", "catriona"), ("Declan", "declan"),
        ("Eleanor", "eleanor"), ("Fergus", "fergus"), ("Gwen", "gwen"), ("Howard", "howard"), ("Imogen", "imogen"),
        ("Jacob", "jacob"), ("Kirsty", "kirsty"), ("Leonard", "leonard"), ("Maeve", "maeve"), ("Nigel", "nigel"),
        ("Oonagh", "oonagh"), ("Percy", "percy"), ("Rosalind", "rosalind"), ("Stuart", "stuart"),
        ("Tamsin", "tamsin"), ("Victor", "victor"), ("Wilma", "wilma"), ("Zachary", "zachary"), ("Sanne", "sanne"),
        ("Joost", "joost"),
        ("Alasdair", "alasdair"), ("Beatrice", "beatrice"), ("Callan", "callan"), ("Daphne", "daphne"),
        ("Edmund", "edmund"), ("Fiona", "fiona"), ("Graham", "graham"), ("Harriet", "harriet"),
        ("Ivor", "ivor"), ("Jemima", "jemima"), ("Keith", "keith"), ("Lorna", "lorna"), ("Malcolm", "malcolm"),
        ("Nerys", "nerys"), ("Owain", "owain"), ("Philippa", "philippa"), ("Quentin", "quentin"),
        ("Rhona", "rhona"), ("Seamus", "seamus"), ("Thea", "thea"), ("Ursula", "ursula"), ("Vernon", "vernon"),
        ("Wendy", "wendy"), ("Alistair", "alistair"), ("Bronwen", "bronwen"), ("Clive", "clive"),
        ("Deirdre", "deirdre"), ("Ewan", "ewan"),
    ],
    "zh": [
        ("海燕", "haiyan"), ("建平", "jianping"), ("晓峰", "xiaofeng"), ("文静", "wenjing"), ("志强", "zhiqiang"),
        ("丽华", "lihua"), ("国栋", "guodong"), ("雨桐", "yutong"), ("明远", "mingyuan"), ("秀兰", "xiulan"),
        ("浩然", "haoran"), ("欣怡", "xinyi"), ("俊杰", "junjie"), ("春梅", "chunmei"), ("子轩", "zixuan"),
        ("玉洁", "yujie"), ("永刚", "yonggang"), ("婷", "ting"), ("磊", "lei"), ("颖", "ying"), ("涛", "tao"),
        ("慧敏", "huimin"), ("立新", "lixin"), ("佳宁", "jianing"),
        ("建华", "jianhua"), ("晓燕", "xiaoyan"), ("志远", "zhiyuan"), ("美玲", "meiling"), ("国强", "guoqiang"),
        ("思远", "siyuan"), ("佩珊", "peishan"), ("学军", "xuejun"), ("文博", "wenbo"), ("雅琴", "yaqin"),
        ("振宇", "zhenyu"), ("晨曦", "chenxi"), ("海波", "haibo"), ("素芬", "sufen"), ("天佑", "tianyou"),
        ("嘉懿", "jiayi"), ("鹏飞", "pengfei"), ("桂芳", "guifang"), ("宏伟", "hongwei"), ("静怡", "jingyi"),
        ("景行", "jingxing"), ("若兰", "ruolan"), ("立群", "liqun"), ("晓彤", "xiaotong"), ("庆丰", "qingfeng"),
        ("翠萍", "cuiping"), ("一鸣", "yiming"), ("芳", "fang"), ("斌", "bin"), ("昊", "hao"),
    ],
    "ru": [
        ("Алексей", "aleksey"), ("Борис", "boris"), ("Виктор", "viktor"), ("Глеб", "gleb"), ("Денис", "denis"),
        ("Егор", "egor"), ("Кирилл", "kirill"), ("Максим", "maksim"), ("Никита", "nikita"), ("Роман", "roman"),
        ("Тимофей", "timofey"),
        ("Андрей", "andrey"), ("Владимир", "vladimir"), ("Георгий", "georgy"), ("Евгений", "evgeny"),
        ("Игорь", "igor"), ("Леонид", "leonid"), ("Матвей", "matvey"), ("Павел", "pavel"), ("Сергей", "sergey"),
        ("Ярослав", "yaroslav"),
        ("Алина", "alina"), ("Вера", "vera"), ("Галина", "galina"), ("Елена", "elena"),
        ("Жанна", "zhanna"), ("Ирина", "irina"), ("Ксения", "ksenia"), ("Людмила", "lyudmila"), ("Марина", "marina"),
        ("Наталья", "natalya"), ("Полина", "polina"),
        ("Анна", "anna"), ("Дарина", "darina"), ("Зоя", "zoya"), ("Лидия", "lidia"), ("Надежда", "nadezhda"),
        ("Ольга", "olga"), ("Светлана", "svetlana"), ("Тамара", "tamara"), ("Юлия", "yulia"), ("Яна", "yana"),
    ],
}  # fmt: skip
WOMEN = frozenset(latin for name, latin in GIVEN["ru"] if name[-1] in "ая" and name != "Никита")

SURNAMES = {
    "de": [
        ("Ahlers", "ahlers"), ("Bünning", "buenning"), ("Clasen", "clasen"), ("Dierks", "dierks"),
        ("Ebeling", "ebeling"), ("Fährmann", "faehrmann"), ("Grothe", "grothe"), ("Hinrichs", "hinrichs"),
        ("Jessen", "jessen"), ("Kluge", "kluge"), ("Lühr", "luehr"), ("Mertens", "mertens"), ("Niemann", "niemann"),
        ("Oelkers", "oelkers"), ("Petersen", "petersen"), ("Rautenberg", "rautenberg"), ("Schönfeld", "schoenfeld"),
        ("Tiedemann", "tiedemann"), ("Ulrich", "ulrich"), ("Vollmer", "vollmer"), ("Wegener", "wegener"),
        ("Zander", "zander"), ("Haberland", "haberland"), ("Kestner", "kestner"), ("Nagel", "nagel"),
        ("Pohlmann", "pohlmann"),
        ("Asmussen", "asmussen"), ("Brandt", "brandt"), ("Carstens", "carstens"), ("Degenhardt", "degenhardt"),
        ("Eickhoff", "eickhoff"), ("Fiedler", "fiedler"), ("Gerlach", "gerlach"), ("Hausmann", "hausmann"),
        ("Isenberg", "isenberg"), ("Jansen", "jansen"), ("Knoop", "knoop"), ("Lindner", "lindner"),
        ("Meinecke", "meinecke"), ("Nolte", "nolte"), ("Ostwald", "ostwald"), ("Plate", "plate"),
        ("Quandt", "quandt"), ("Reimers", "reimers"), ("Stahmer", "stahmer"), ("Thiele", "thiele"),
        ("Unger", "unger"), ("Voigt", "voigt"), ("Wiechmann", "wiechmann"), ("Zobel", "zobel"),
        ("Behnke", "behnke"), ("Dreyer", "dreyer"),
    ],
    "en": [
        ("Ainsley", "ainsley"), ("Barlow", "barlow"), ("Cavendish", "cavendish"), ("Dunmore", "dunmore"),
        ("Ellery", "ellery"), ("Fairburn", "fairburn"), ("Garside", "garside"), ("Hartley", "hartley"),
        ("Ingram", "ingram"), ("Jephson", "jephson"), ("Kinsella", "kinsella"), ("Lockhart", "lockhart"),
        ("Mulcahy", "mulcahy"), ("Nesbitt", "nesbitt"), ("Orme", "orme"), ("Pemberton", "pemberton"),
        ("Quayle", "quayle"), ("Redfern", "redfern"), ("Stannard", "stannard"), ("Tolliver", "tolliver"),
        ("Underhill", "underhill"), ("Venables", "venables"), ("Whitcombe", "whitcombe"), ("Yardley", "yardley"),
        ("van Leusden", "van.leusden"), ("Hoekstra", "hoekstra"),
        ("Ashdown", "ashdown"), ("Blakemore", "blakemore"), ("Cresswell", "cresswell"),
        ("Drummond", "drummond"), ("Elphick", "elphick"), ("Fothergill", "fothergill"),
        ("Gilchrist", "gilchrist"), ("Haverford", "haverford"), ("Inchbald", "inchbald"), ("Jessop", "jessop"),
        ("Kirkbride", "kirkbride"), ("Lomax", "lomax"), ("Marchbank", "marchbank"), ("Northcote", "northcote"),
        ("Oakley", "oakley"), ("Prescott", "prescott"), ("Rowntree", "rowntree"), ("Saltmarsh", "saltmarsh"),
        ("Thackray", "thackray"), ("Upjohn", "upjohn"), ("Vickers", "vickers"), ("Wainwright", "wainwright"),
        ("Atherton", "atherton"), ("Bickerstaff", "bickerstaff"), ("Dalgleish", "dalgleish"),
        ("Kilbride", "kilbride"),
    ],
    "zh": [
        ("赵", "zhao"), ("钱", "qian"), ("孙", "sun"), ("吴", "wu"), ("郑", "zheng"), ("冯", "feng"), ("褚", "chu"),
        ("蒋", "jiang"), ("沈", "shen"), ("韩", "han"), ("朱", "zhu"), ("秦", "qin"), ("许", "xu"), ("吕", "lyu"),
        ("施", "shi"), ("孔", "kong"), ("曹", "cao"), ("魏", "wei"), ("陶", "tao"), ("潘", "pan"), ("葛", "ge"),
        ("范", "fan"), ("彭", "peng"), ("鲁", "lu"), ("欧阳", "ouyang"), ("上官", "shangguan"),
        ("何", "he"), ("罗", "luo"), ("梁", "liang"), ("宋", "song"), ("唐", "tang"), ("邓", "deng"), ("萧", "xiao"),
        ("董", "dong"), ("袁", "yuan"), ("于", "yu"), ("余", "yu"), ("苏", "su"), ("叶", "ye"), ("杜", "du"),
        ("程", "cheng"), ("汪", "wang"), ("田", "tian"), ("姜", "jiang"), ("石", "shi"), ("姚", "yao"), ("谭", "tan"),
        ("廖", "liao"), ("邹", "zou"), ("熊", "xiong"), ("金", "jin"), ("陆", "lu"), ("郝", "hao"), ("崔", "cui"),
    ],
    "ru": [
        ("Абросимов", "abrosimov"), ("Воронин", "voronin"), ("Гладков", "gladkov"), ("Дорохов", "dorokhov"),
        ("Елисеев", "eliseev"), ("Зимин", "zimin"), ("Калашников", "kalashnikov"), ("Логинов", "loginov"),
        ("Мельников", "melnikov"), ("Нестеров", "nesterov"), ("Осипов", "osipov"), ("Пахомов", "pakhomov"),
        ("Рогозин", "rogozin"), ("Сафонов", "safonov"), ("Терентьев", "terentev"), ("Уваров", "uvarov"),
        ("Фомин", "fomin"), ("Хромов", "khromov"), ("Шубин", "shubin"), ("Щеглов", "shcheglov"),
        ("Анисимов", "anisimov"), ("Белов", "belov"), ("Виноградов", "vinogradov"), ("Громов", "gromov"),
        ("Денисов", "denisov"), ("Ефимов", "efimov"), ("Жданов", "zhdanov"), ("Зайцев", "zaytsev"),
        ("Исаев", "isaev"), ("Крылов", "krylov"), ("Лаптев", "laptev"), ("Маслов", "maslov"),
        ("Никонов", "nikonov"), ("Орехов", "orekhov"), ("Панфилов", "panfilov"), ("Родионов", "rodionov"),
        ("Субботин", "subbotin"), ("Тихонов", "tikhonov"), ("Федотов", "fedotov"), ("Шестаков", "shestakov"),
    ],
}  # fmt: skip


@dataclass(frozen=True)
class Title:
    words: dict[str, str]
    seniority: str
    department: str
    weight: int
    fit: float


TITLES = [
    Title(
        {"de": "Betriebsleiter", "en": "Plant manager", "zh": "厂长", "ru": "Начальник производства"},
        "director",
        "Production",
        16,
        0.8,
    ),
    Title(
        {"de": "Verfahrenstechnik", "en": "Process engineer", "zh": "工艺工程师", "ru": "Инженер-технолог"},
        "specialist",
        "Engineering",
        20,
        0.7,
    ),
    Title(
        {"de": "Leitung Instandhaltung", "en": "Head of maintenance", "zh": "设备主管", "ru": "Главный механик"},
        "manager",
        "Maintenance",
        17,
        0.75,
    ),
    Title(
        {"de": "Technische Leitung", "en": "Technical director", "zh": "技术总监", "ru": "Технический директор"},
        "vp",
        "Engineering",
        10,
        0.95,
    ),
    Title({"de": "Einkauf", "en": "Buyer", "zh": "采购", "ru": "Закупки"}, "specialist", "Purchasing", 14, 0.45),
    Title(
        {"de": "Einkaufsleitung", "en": "Head of purchasing", "zh": "采购经理", "ru": "Начальник закупок"},
        "manager",
        "Purchasing",
        9,
        0.65,
    ),
    Title(
        {"de": "Geschäftsführung", "en": "Managing director", "zh": "总经理", "ru": "Генеральный директор"},
        "c_level",
        "Management",
        7,
        0.9,
    ),
    Title(
        {"de": "Qualitätswesen", "en": "Quality officer", "zh": "质量工程师", "ru": "Инженер по качеству"},
        "specialist",
        "Quality",
        7,
        0.3,
    ),
]

# What people of the house write down after they have spoken with somebody.
NOTES = {
    "de": [
        "Baut im Herbst eine zweite Linie und braucht dafür vier Dosierstellen.",
        "Dosiert Eisenchlorid, Förderstrom schwankt. Will wissen, ob unsere Pumpe nachregelt.",
        "Entscheidet gemeinsam mit dem Einkauf. Angebot bitte mit Ersatzteilpaket.",
        "Rückruf in zwei Wochen vereinbart, Budgetrunde läuft noch.",
    ],
    "en": [
        "Runs five makes of pump on three sites and wants one series with one set of spares.",
        "Needs the material certificate before anybody signs. Sent the same day.",
        "The budget sits with the site manager; he joins the next call.",
        "Compares us with what they have. Accuracy at low flow decides.",
    ],
    "zh": [
        "二期扩建需要六个加药点，年底前确定供应商。",
        "已发送选型表，客户要求提供材质证书。",
        "预算由生产副总批准，下周再联系。",
        "想先试用一台，效果好再批量采购。",
    ],
    "ru": [
        "Запускают новую линию, нужны три точки дозирования и шкаф управления.",
        "Нужен сертификат на материалы, отправили в тот же день.",
        "Решение принимает главный инженер, бюджет откроют в следующем квартале.",
        "Сравнивают с нынешним поставщиком, важна точность на малом расходе.",
    ],
}
