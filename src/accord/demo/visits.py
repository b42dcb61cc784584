"""What people do on the website, at fairs and with mails, as touches."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from random import Random

from accord.demo.campaigns import Campaign
from accord.demo.events import ADDRESS, Act, Event, Seen
from accord.demo.population import Person

LOOK, FORM, MAIL = "website", "form", "mail"
PAGES = ("/", "/pumps", "/pumps/wren", "/pumps/heron", "/stations", "/prices", "/service", "/cases/no-stop", "/about")
PAPERS = ("Wren data sheet", "Heron data sheet", "Sizing table", "Calibration guide", "Case: a year without a stop")
BEFORE = timedelta(minutes=1)


def visit(rng: Random, who: Person, at: datetime, source: str, channel: str, campaign: str | None = None) -> Seen:
    """One visit of the website; its touches arrive with its end."""
    acts = []
    for path in rng.sample(PAGES, rng.randint(1, 4)):
        acts.append(Act(who, "page", at, campaign=campaign, channel=channel, properties={"path": path}))
        at += timedelta(seconds=rng.randint(15, 240))
    if rng.random() < 0.4:
        acts.append(Act(who, "download", at, asset=rng.choice(PAPERS), campaign=campaign, channel=channel))
    return Seen(at + BEFORE, source, tuple(acts))


def first_looks(
    rng: Random, who: Person, at: datetime, campaign: str | None, channel: str, banner: Campaign | None
) -> list[Event]:
    """Visits by somebody whom we do not know yet; the first of them by a banner, for whoever has seen one."""
    days = sorted((rng.uniform(0.1, 20) for _ in range(rng.randint(0, 3))), reverse=True)
    looks = [
        visit(rng, who, (at - timedelta(days=day)).replace(microsecond=0), LOOK, channel, campaign) for day in days
    ]
    if banner is None:
        return [*looks]
    before = at - timedelta(days=(days[0] if days else 0) + rng.uniform(0.5, 6))
    return [visit(rng, who, before.replace(microsecond=0), LOOK, banner.channel, banner.name), *looks]


def enquiry(
    who: Person, at: datetime, about: str, campaign: str | None, channel: str, *, prices: bool = False
) -> tuple[Act, ...]:
    """Who is ready to buy has looked at `prices` before."""
    paths = ["/prices", f"/ask/{about}"] if prices else [f"/ask/{about}"]
    seen = [at - BEFORE * back for back in range(len(paths), 0, -1)]
    pages = [
        Act(who, "page", when, campaign=campaign, channel=channel, properties={"path": path})
        for when, path in zip(seen, paths, strict=True)
    ]
    return (*pages, Act(who, "form", at, campaign=campaign, channel=channel, properties={"form": about}))


def attended(who: Person, at: datetime, fair: str) -> Act:
    return Act(who, "event_attended", at, ADDRESS, campaign=fair, channel="event", properties={"where": "stand"})


def mailing(rng: Random, readers: Iterable[Person], at: datetime, campaign: str) -> Seen:
    """A mailing: machines that open everything, people who read some of it. Its touches arrive in the evening."""
    acts = [act for who in readers for act in _answers(rng, who, at, campaign)]
    return Seen(at + timedelta(hours=11), MAIL, tuple(sorted(acts, key=lambda act: act.at)))


def _answers(rng: Random, who: Person, at: datetime, campaign: str) -> list[Act]:
    answers = []
    if who.company.number % 3 == 0:  # their mail server looks into every mail
        answers.append(
            Act(who, "email_open", at + timedelta(seconds=2), ADDRESS, None, campaign, "e-mail", machine=True)
        )
    read = at + timedelta(seconds=round(rng.expovariate(1 / 9000)))
    if rng.random() < 0.3 and read < at + timedelta(hours=10):
        answers.append(Act(who, "email_open", read, ADDRESS, None, campaign, "e-mail"))
        if rng.random() < 0.3:
            clicked = read + timedelta(seconds=rng.randint(10, 300))
            answers.append(Act(who, "email_click", clicked, ADDRESS, rng.choice(PAPERS), campaign, "e-mail"))
    return answers
