"""Screenshots of every page: widths × themes × fillings × languages, and one sheet of all sixteen per page.

python -m scripts.seen              every page, into ACCORD_SEEN or ./var/seen
python -m scripts.seen leads lead   these alone
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from urllib.parse import urljoin

from PIL import Image, ImageDraw, ImageFont
from playwright.sync_api import Browser, FilePayload, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
WIDTHS, THEMES, LANGUAGES = (1440, 390), ("light", "dark"), ("en", "zh-hans")
HOMES = {"full": ("demo",), "empty": ("init", "--test-home")}
ADMIN, PASSWORD = "admin@accord.local", "seen-by-nobody-else"
TALLEST, SCALE, MARGIN, CAPTION = 2400, 0.5, 24, 28
FAIR = """\
external_id,name,email,phone,title,country,company,created_at
fair-001,Anna Adler,anna.adler@nordlicht.example,+49 30 1234567,Head of purchasing,DE,Nordlicht GmbH,2026-03-02
fair-002,王芳,fang.wang@huadong.example,+86 21 5555 0102,采购经理,CN,华东仪器有限公司,2026-03-02
,No Address,,,Buyer,FR,Atelier Sud,2026-03-02
fair-004,Jan Keller,jan.keller(at)keller.example,,Engineer,DE,Keller & Söhne,2026-03-03
fair-005,Olga Petrova,olga@petrov.example,,Director,FR,Petrov SARL,31 April
fair-001,Anna Berg,anna.berg@nordlicht.example,,Buyer,DE,Nordlicht GmbH,2026-03-03
fair-007,"Müller, Karl",karl@mueller.example,+49 89 7654321,Owner,DE,"Müller ""Werkzeug"" KG",2026-03-03
"""  # of its seven people four are rejected, each for another reason
VISITORS = """\
Full name;E-Mail;Firm;Job title;Born;Visited on;Stand
Ines Moreau;ines@atelier-sud.example;Atelier Sud;Buyer;1984;03/04/2026;B 12
李娜;na.li@huadong.example;华东仪器有限公司;采购经理;1991;05/04/2026;B 14
Tom Brandt;tom(at)brandt.example;Brandt & Co;Owner;1979;07/04/2026;A 3
"""  # which of day and month comes first is left open, and nothing is known of stands
EVENTS = """{"batch": [
    {"type": "page", "anonymousId": "device-1", "messageId": "1", "properties": {"path": "/pumps"}},
    {"type": "track", "event": "Asset Downloaded", "anonymousId": "device-1", "messageId": "2",
     "properties": {"asset": "Sizing table"}},
    {"type": "identify", "userId": "visitor-1", "anonymousId": "device-1", "messageId": "3",
     "traits": {"name": "王芳", "email": "fang.wang@huadong.example"}},
    {"type": "track", "event": "Form Submitted", "userId": "visitor-1", "messageId": "4"},
    {"type": "track", "event": "Form Submitted", "messageId": "5"}
]}"""


@dataclass(frozen=True)
class Seen:
    """A page: its address, or what comes once a file is given there, or where first links that match `follow` lead."""

    name: str
    path: str
    give: str = ""
    follow: str = ""
    press: str = ""
    role: str = "admin"  # who looks: in a home without such a member, its administrator; nobody where it is empty


PAGES = (
    Seen("sign-in", "/accounts/login/", role=""),
    Seen("password-reset", "/accounts/password/reset/", role=""),
    Seen("two-factor", "/accounts/2fa/"),
    Seen("sign-out", "/accounts/logout/"),
    Seen("palette", "/operations/", press="Control+k"),
    Seen("shortcuts", "/operations/", press="?"),
    Seen("search", "/search/?q=an"),
    Seen("more", "/more/"),
    Seen("notices", "/notices/", role="inside_sales"),
    Seen("operations", "/operations/"),
    Seen("not-found", "/nowhere/"),
    Seen("today", "/today/", role="marketing"),
    Seen("today-seller", "/today/", role="inside_sales"),
    Seen("today-lead", "/today/", role="sales_lead"),
    Seen("today-executive", "/today/", role="executive"),
    Seen("today-service", "/today/", role="service"),
    Seen("trail", "/trail/", role="marketing_lead"),
    Seen("today-leads", "/today/leads/?which=came"),
    Seen("today-steps", "/today/", follow="a[href*='/today/steps/']", role="sales_lead"),
    Seen("leads", "/leads/"),
    Seen("lead", "/leads/", follow="a[href^='/leads/'].rec"),
    Seen("lead-new", "/leads/new/"),
    Seen("desk", "/desk/", role="inside_sales"),
    Seen("booking", "/leads/", follow="a[href^='/leads/'].rec; a[href*='/book/']"),
    Seen("call", "/leads/", follow="a[href^='/leads/'].rec; a[href*='/calls/']"),
    Seen("mail", "/leads/1/mail/"),
    Seen("nudge-new", "/leads/1/nudges/", role="marketing"),
    Seen("leads-long", "/leads/?f=usual:is:long"),
    Seen("task-new", "/tasks/new/"),
    Seen("returns", "/returns/", role="marketing_lead"),
    Seen("promises", "/promises/"),
    Seen("promise-clocks", "/promises/clocks/"),
    Seen("return", "/desk/", follow="a[href*='/return/']", role="inside_sales"),
    Seen("contacts", "/contacts/"),
    Seen("contact", "/contacts/1/"),  # the list begins with people of the last import, of whom nothing is told yet
    Seen("contact-new", "/contacts/new/"),
    Seen("contact-edit", "/contacts/1/edit/"),
    Seen("contact-merge", "/contacts/1/merge/"),
    Seen("contact-check", "/contacts/1/checks/"),
    Seen("score", "/contacts/1/score/"),
    Seen("veto", "/contacts/1/veto/"),
    Seen("do-not-market", "/do-not-market/"),
    Seen("companies", "/companies/"),
    Seen("company", "/companies/1/"),
    Seen("company-new", "/companies/new/"),
    Seen("pipeline", "/pipeline/"),
    Seen("pipeline-back", "/pipeline/?view=back"),
    Seen("deals", "/deals/"),
    Seen("deal", "/deals/", follow="a[href^='/deals/'].rec"),
    Seen("deal-new", "/deals/new/"),
    Seen("deal-edit", "/deals/1/edit/"),
    Seen("deal-lost", "/deals/", follow="a[href^='/deals/'].rec; a[href*='/losing/']"),
    Seen("deal-won", "/deals/", follow="a[href^='/deals/'].rec; a[href*='/winning/']"),
    Seen("campaigns", "/campaigns/"),
    Seen("campaign", "/campaigns/?q=metering", follow="a[href^='/campaigns/'].rec"),
    Seen("assets", "/assets/"),
    Seen("asset", "/assets/?q=sizing", follow="a[href^='/assets/'].rec"),
    Seen("mail-templates", "/templates/"),
    Seen("mail-template-new", "/templates/new/"),
    Seen("funnel", "/insight/funnel/"),
    Seen("funnel-leads", "/insight/leads/?report=funnel&measure=leads", role="marketing_lead"),
    Seen("flow", "/insight/flow/"),
    Seen("velocity", "/insight/velocity/?from=2026-01-01"),
    Seen("cohorts", "/insight/cohorts/"),
    Seen("insight-sources", "/insight/sources/"),
    Seen("winloss", "/insight/winloss/"),
    Seen("sla", "/insight/sla/?by=clock.owner"),
    Seen("nudges", "/insight/nudges/"),
    Seen("leaks", "/insight/leaks/"),
    Seen("overrides", "/overrides/"),
    Seen("agreement", "/agreement/"),
    Seen("agreement-new", "/agreement/new/"),
    Seen("agreement-version", "/agreement/", follow="a[href^='/agreement/versions/'].rec"),
    Seen("agreement-compared", "/agreement/", follow="a[href*='with=']"),
    Seen("imports", "/imports/"),
    Seen("import", "/imports/", follow="a[href^='/imports/'].rec"),
    Seen("import-new", "/imports/new/"),
    Seen("import-columns", "/imports/new/", give=VISITORS),
    Seen("sources", "/sources/"),
    Seen("source", "/sources/", follow="a[href^='/sources/'].rec"),
    Seen("touch-kinds", "/sources/kinds/"),
    Seen("members", "/settings/members/"),
    Seen("member", "/settings/members/", follow="table a.rec"),
    Seen("teams", "/settings/teams/"),
    Seen("team", "/settings/teams/", follow="table a.rec"),
    Seen("fields", "/settings/fields/contact/"),
    Seen("keys", "/settings/keys/"),
    Seen("pipeline-stages", "/settings/pipeline/"),
    Seen("pipeline-stage", "/settings/pipeline/", follow="table a.rec"),
    Seen("house", "/settings/house/"),
    Seen("absences", "/settings/absences/"),
    Seen("me", "/settings/me/"),
)


@dataclass(frozen=True)
class View:
    home: str
    language: str
    width: int
    theme: str

    def __str__(self) -> str:
        return f"{self.home}-{self.language}-{self.width}-{self.theme}"


def views() -> list[View]:
    return [View(*of) for of in product(HOMES, LANGUAGES, WIDTHS, THEMES)]


def main(names: list[str]) -> int:
    wanted = [page for page in PAGES if not names or page.name in names]
    if unknown := set(names) - {page.name for page in PAGES}:
        print(f"No such page: {', '.join(sorted(unknown))}. There are: {', '.join(page.name for page in PAGES)}")
        return 2
    out = Path(os.environ.get("ACCORD_SEEN", ROOT / "var" / "seen"))
    with ExitStack() as stack:
        addresses = {home: stack.enter_context(served(home)) for home in HOMES}
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        for view in views():
            shoot(browser, addresses[view.home], view, wanted, out)
    for page in wanted:
        sheet(page, out)
    print(f"{len(wanted)} pages, seen in {out}")
    return 0


def chromium() -> str | None:
    """The system's browser where there is one; else Playwright's own."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@contextmanager
def served(home: str) -> Iterator[str]:
    """The address of a server on a scratch home of its own."""
    with tempfile.TemporaryDirectory(prefix=f"accord-seen-{home}-") as scratch:
        env = {**os.environ, "ACCORD_HOME": scratch, "ACCORD_ADMIN_EMAIL": ADMIN, "ACCORD_ADMIN_PASSWORD": PASSWORD}
        port = free_port()
        env["ACCORD_URL"] = f"http://127.0.0.1:{port}"
        env["ACCORD_SMTP"] = "smtp://127.0.0.1:9"  # nobody answers there: mail is written and waits
        env.pop("DATABASE_URL", None)
        command = [sys.executable, "-m", "accord.cli"]
        subprocess.run([*command, *HOMES[home]], env=env, check=True, stdout=subprocess.DEVNULL)
        subprocess.run([*command, "init"], env=env, check=True, stdout=subprocess.DEVNULL)
        if home == "full":
            file = Path(scratch) / "trade-fair.csv"
            file.write_text(FAIR, encoding="utf-8")
            take = [*command, "import", "contacts", str(file), "--yes"]
            subprocess.run(take, env=env, check=True, stdout=subprocess.DEVNULL)
        make = [*command, "key", "create", "--scope", "capture", "--name", "Website"]
        key = subprocess.run(make, env=env, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
        server = subprocess.Popen([*command, "serve", "--port", str(port)], env=env, stdout=subprocess.DEVNULL)
        try:
            address = answering(f"http://127.0.0.1:{port}", Path(scratch))
            if home == "full":
                send(address, key)
            yield address
        finally:
            server.terminate()
            server.wait()


def send(address: str, key: str) -> None:
    """Events of a website, twice: some are taken in, one is rejected, the second time all are repeats."""
    basic = f"Basic {b64encode(f'{key}:'.encode()).decode()}"
    for _ in range(2):
        asked = urllib.request.Request(f"{address}/v1/batch", EVENTS.encode(), {"Authorization": basic})
        urllib.request.urlopen(asked, timeout=5).close()


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def answering(address: str, home: Path, patience: int = 120) -> str:
    """Waits until the server answers; keeps who of the home may sign in."""
    for _ in range(patience):
        try:
            urllib.request.urlopen(f"{address}/accounts/login/", timeout=5).close()
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.5)
        else:
            SIGN_INS[address] = sign_ins(home)
            return address
    raise TimeoutError(f"{address} does not answer")


SIGN_INS: dict[str, list[list[str]]] = {}


def sign_ins(home: Path) -> list[list[str]]:
    """E-mail, password and role of each, as `accord demo` and `accord init` wrote them down."""
    return [line.split(maxsplit=2) for line in (home / "sign-ins.txt").read_text(encoding="utf-8").splitlines()]


def shoot(browser: Browser, address: str, view: View, pages: list[Seen], out: Path) -> None:
    narrow = view.width < 600
    size = {"width": view.width, "height": 844 if narrow else 1000}
    speech = {"en": "en-GB", "zh-hans": "zh-CN"}[view.language]
    scheme = "dark" if view.theme == "dark" else "light"
    for role in dict.fromkeys(seen.role for seen in pages):
        with browser.new_context(viewport=size, color_scheme=scheme, locale=speech, has_touch=narrow) as context:  # type: ignore[arg-type]
            page = context.new_page()
            if role:
                sign_in(page, address, role)
            for seen in (one for one in pages if one.role == role):
                keep(page, address, view, seen, out)


def sign_in(page: Page, address: str, role: str) -> None:
    by_role: dict[str, tuple[str, str]] = {}
    for email, password, who in SIGN_INS[address]:
        by_role.setdefault(who.rpartition(", ")[2].lower(), (email, password))
    email, password = by_role.get(role) or by_role.get("admin") or by_role["administrator"]
    page.goto(f"{address}/accounts/login/")
    page.fill("[name=login]", email)
    page.fill("[name=password]", password)
    page.click("button.btn-primary")
    page.wait_for_url(lambda url: "/accounts/login/" not in url)


def keep(page: Page, address: str, view: View, seen: Seen, out: Path) -> None:
    """One picture; none where the page to follow to does not exist, as in an empty home."""
    page.goto(address + seen.path)
    if seen.give:
        given = FilePayload(name="visitors.csv", mimeType="text/csv", buffer=seen.give.encode())
        page.set_input_files("[name=file]", given)
        page.click("form .btn-primary")
        page.wait_for_url("**/imports/new/*/")
    for step in filter(None, seen.follow.split("; ")):
        link = page.locator(step).first
        if not link.count():
            return
        page.goto(urljoin(address, str(link.get_attribute("href"))))
    page.evaluate("document.fonts.ready")
    if page.locator("[data-behaviour~='chart'], [hx-trigger='load']").count():
        page.wait_for_load_state("networkidle")
    if seen.press:
        page.keyboard.press(seen.press)
        page.wait_for_timeout(500)
    folder = out / seen.name
    folder.mkdir(parents=True, exist_ok=True)
    tall = min(TALLEST, page.evaluate("document.documentElement.scrollHeight"))
    clip = {"x": 0, "y": 0, "width": view.width, "height": max(tall, page.viewport_size["height"])}  # type: ignore[index]
    page.screenshot(path=folder / f"{view}.png", full_page=not seen.press, clip=None if seen.press else clip)  # type: ignore[arg-type]


def sheet(seen: Seen, out: Path) -> None:
    """All pictures of a page on one: fillings and languages downwards, widths and themes across."""
    columns = list(product(WIDTHS, THEMES))
    rows = [[View(*line, *column) for column in columns] for line in product(HOMES, LANGUAGES)]
    pictures = {view: scaled(out / seen.name / f"{view}.png") for row in rows for view in row}
    widths = [round(width * SCALE) for width, _ in columns]
    heights = [max(pictures[view].height for view in row) for row in rows]
    whole = (sum(widths) + MARGIN * (len(widths) + 1), sum(heights) + (MARGIN + CAPTION) * len(heights) + MARGIN)
    made = Image.new("RGB", whole, "#8a8f98")
    draw, font = ImageDraw.Draw(made), ImageFont.load_default(14)
    top = MARGIN
    for row, height in zip(rows, heights, strict=True):
        left = MARGIN
        for view, width in zip(row, widths, strict=True):
            draw.text((left, top), str(view), fill="#111", font=font)
            made.paste(pictures[view], (left, top + CAPTION))
            left += width + MARGIN
        top += height + CAPTION + MARGIN
    made.save(out / f"{seen.name}.png")


def scaled(path: Path) -> Image.Image:
    if not path.exists():
        return Image.new("RGB", (1, 1))
    picture = Image.open(path).convert("RGB")
    return picture.resize((round(picture.width * SCALE), round(picture.height * SCALE)), Image.Resampling.LANCZOS)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
