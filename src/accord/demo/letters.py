"""The mails with which the sellers of the story begin theirs."""

from datetime import datetime

from accord.rooms.content.models import MailTemplate
from accord.rooms.team.models import Member

# Name, language, stage, subject, text.
TEMPLATES = (
    (
        "After a download", "en", "mql", "{{ company.name }}: what you were looking for",
        ("Dear {{ contact.name }},\n\nyou had a look at our material. What made you look for it just now? "
        "If you tell me in a sentence, I send you the two pages that answer it.\n\n"
        "Best regards\n{{ member.name }}"),
    ),
    (
        "Tried to call", "en", "sal", "I tried to reach you",
        ("Dear {{ contact.name }},\n\nI tried to call you today. Choose the time that suits you: "
        "{{ booking.link }}\n\nBest regards\n{{ member.name }}"),
    ),
    (
        "After the first talk", "en", "sql", "Our talk: what comes next",
        ("Dear {{ contact.name }},\n\nthank you for your time. What I understood of {{ company.name }} stands below, "
        "with the step that we agreed on. Please correct what is wrong.\n\nBest regards\n{{ member.name }}"),
    ),
    (
        "Offer sent", "en", "opportunity", "The offer for {{ company.name }}",
        ("Dear {{ contact.name }},\n\nhere is the offer. What is still missing for a decision, and who else should "
        "see it?\n\nBest regards\n{{ member.name }}"),
    ),
    (
        "下载之后", "zh-hans", "mql", "{{ company.name }}:您在找的资料",
        ("{{ contact.name }},您好!\n\n您看了我们的资料。是什么让您现在想了解这个?"
        "告诉我一句话,我就把能回答您的那两页发给您。\n\n此致\n{{ member.name }}"),
    ),
    (
        "没有接通", "zh-hans", "sal", "刚才给您打过电话",
        ("{{ contact.name }},您好!\n\n今天给您打过电话,没有接通。请选择您方便的时间:{{ booking.link }}\n\n"
        "此致\n{{ member.name }}"),
    ),
)  # fmt: skip


def write(by: Member, at: datetime) -> None:
    for name, language, stage, subject, text in TEMPLATES:
        values = {"name": name, "language": language, "stage": stage, "subject": subject, "text": text}
        MailTemplate.write(values, by=by, at=at)
