import atexit
import shutil
import tempfile
from pathlib import Path

from accord.settings import *  # noqa: F403

# A home of its own for every test process.
HOME = Path(tempfile.mkdtemp(prefix="accord-test-"))
atexit.register(shutil.rmtree, HOME, ignore_errors=True)

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
