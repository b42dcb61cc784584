"""Several workers send at once, each in a process of its own."""

from tests.post import Post

WRITE = """
from accord.kernel import clock
from accord.kernel.mail.models import Mail
for number in range(int(sys.argv[1])):
    Mail.queue("one_to_one", to="li@customer.example", subject=f"Mail {number}", text="Hello", at=clock.now())
"""
SEND = """
import sys, time, pathlib
from accord.cli import set_up
set_up()
from accord.kernel import clock
from accord.kernel.mail.sending import send_due
folder, number = pathlib.Path(sys.argv[1]), sys.argv[2]
(folder / f"ready {number}").touch()
while not (folder / "go").exists():
    time.sleep(0.01)
while send_due(clock.now()):
    pass
"""
SAY = """
from accord.kernel.mail.models import Mail
print(sorted(Mail.objects.values_list("state", "attempts").distinct()))
"""


def test_every_mail_goes_out_once(scratch, tmp_path):
    post, mails, senders = Post(), 20, 2
    post.takes = 0.02
    scratch.environment["ACCORD_SMTP"] = f"smtp://127.0.0.1:{post.port}"
    scratch.environment["ACCORD_MAIL_FROM"] = "accord@house.example"
    scratch.accord("init", "--test-home")
    scratch.python(WRITE, mails)
    with post.open():
        sending = [scratch.start("-c", SEND, tmp_path, number) for number in range(senders)]
        while len(list(tmp_path.glob("ready *"))) < senders:
            assert all(one.poll() is None for one in sending)
        (tmp_path / "go").touch()
        assert [one.wait(60) for one in sending] == [0] * senders
    assert sorted(arrived["Subject"] for arrived in post.arrived) == sorted(f"Mail {number}" for number in range(mails))
    assert scratch.python(SAY).strip() == "[('sent', 1)]"
