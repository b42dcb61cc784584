from tests.rooms.agreement.conftest import thawed
from tests.web.shell.conftest import browser, opened

__all__ = ["browser", "opened", "thawed"]
