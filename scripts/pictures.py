"""The pictures of README and docs: a house whose story was told, and a visitor who has just asked for a quotation.

python -m scripts.pictures     writes docs/images/*.png
"""

import re
import sys
from contextlib import ExitStack
from io import BytesIO
from urllib.parse import urljoin

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from scripts.seen import ROOT, chromium, served, sign_in

IMAGES = ROOT / "docs" / "images"
WIDTH = 1280
VISITORS = 12  # asked at most, until the lead of one goes to a seller who reads English
CHINESE = re.compile("[\u4e00-\u9fff]")
# Of the text its definition; its signatures stand below.
DEFINITION_ALONE = "document.querySelectorAll('.contract article:nth-of-type(n+4)').forEach(one => one.remove())"


def main() -> int:
    with ExitStack() as stack:
        address = stack.enter_context(served("full"))
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        funnel(opened(browser, address, "executive", 780))
        agreement(opened(browser, address, "marketing_lead", 1130))
        lead, seller = visitor(opened(browser, address, "marketing", 900))
        desk = opened(browser, address, seller.lower(), 860)
        today(desk)
        of_lead(desk, lead)
    return 0


def opened(browser: Browser, address: str, who: str, height: int) -> Page:
    """A window of somebody of that role or name, signed in."""
    page = browser.new_page(base_url=address, viewport={"width": WIDTH, "height": height}, locale="en-GB")
    sign_in(page, address, who)
    return page


def funnel(page: Page) -> None:
    page.goto("/insight/funnel/")
    keep(page, "funnel")


def agreement(page: Page) -> None:
    page.goto("/agreement/")
    page.evaluate(DEFINITION_ALONE)
    keep(page, "agreement")


def visitor(page: Page) -> tuple[str, str]:
    """Lets visitors ask; the lead of one as an address, and the name of the seller whose turn it is."""
    for _ in range(VISITORS):
        page.goto("/trail/")
        page.locator("form[action$='/trail/visitor/'] button").first.click()
        asked, taking = (page.locator(f"li[data-step={step}]") for step in ("qualifies", "taken"))
        page.wait_for_selector("li[data-step=qualifies][data-state=done]")
        page.wait_for_selector("li[data-step=taken] a[href^='/leads/']")
        if not CHINESE.search(asked.inner_text() + taking.inner_text()):
            lead = asked.locator("a[href^='/leads/']").get_attribute("href")
            return str(lead), taking.locator("summary .faint").inner_text().partition(",")[0].strip()
    raise LookupError("no visitor's lead went to somebody who reads English")


def today(page: Page) -> None:
    page.goto("/today/")
    page.click("form[action$='/trail/dismissal/'] button")
    page.goto("/today/")
    keep(page, "today")


def of_lead(page: Page, lead: str) -> None:
    """With the reason for its score unfolded."""
    page.set_viewport_size({"width": WIDTH, "height": 1100})
    page.goto(urljoin(page.url, lead))
    page.click("summary.score-open")
    page.wait_for_selector("#score-pop section")
    keep(page, "lead")


def keep(page: Page, name: str) -> None:
    """As it is once nothing is on its way any longer."""
    page.wait_for_load_state("networkidle")
    page.evaluate("document.fonts.ready")
    Image.open(BytesIO(page.screenshot())).convert("RGB").save(IMAGES / f"{name}.png", optimize=True)
    print(f"{name}: {page.url}")


if __name__ == "__main__":
    sys.exit(main())
