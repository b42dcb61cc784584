"""A page as somebody reads it."""

import re
from html import unescape

from django.test.client import Client


def words(answer) -> str:
    """The text of a page, spaces collapsed."""
    body = re.sub(r"<(script|style|head)\b.*?</\1>", " ", answer.content.decode(), flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def main(answer) -> str:
    """The text of the sheet alone: without the rail and the palette."""
    body = answer.content.decode()
    inner = body[body.index('<main class="page"') : body.index("</main>")]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", inner)).split())


def rows(answer) -> list[list[str]]:
    """The cells of the rows of a list."""
    body = answer.content.decode()
    found = re.search(r'<tbody id="rows">(.*?)</tbody>', body, re.DOTALL)
    lines = re.findall(r"<tr>(.*?)</tr>", found[1], re.DOTALL) if found else []
    return [
        [
            " ".join(unescape(re.sub(r"<[^>]+>", " ", cell)).split())
            for cell in re.findall(r"<td.*?</td>", line, re.DOTALL)
        ]
        for line in lines
    ]


def names(answer) -> list[str]:
    """The first cells of a list."""
    return [row[0] for row in rows(answer)]


def more(answer) -> str | None:
    """The address behind "Load more" or "Earlier"."""
    found = re.search(r'id="more"><a class="btn" href="([^"]*)"', answer.content.decode())
    return unescape(found[1]) if found else None


def whole(browser: Client, address: str) -> list[str]:
    """The first cells of a list through all its pages."""
    path, found = address.split("?")[0], []
    while address:
        answer = browser.get(address)
        found += names(answer)
        following = more(answer)
        address = f"{path}{following}" if following else ""
    return found


def fill(answer, **typed) -> dict[str, str]:
    """The form on a page as a browser would send it, with some fields typed over."""
    body = answer.content.decode().split('<form class="form"')[1].split("</form>")[0]
    data = {}
    for tag in re.findall(r"<input [^>]*>", body):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name:
            data[unescape(name[1])] = unescape(value[1]) if value else ""
    for name, options in re.findall(r'<select name="([^"]*)".*?>(.*?)</select>', body, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        data[name] = chosen[1] if chosen else ""
    return {**data, **typed}
