import os
import secrets
from contextlib import suppress
from pathlib import Path

import dj_database_url
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from accord.settings import smtp

SOURCE = Path(__file__).resolve().parent.parent
HOME = Path(os.environ.get("ACCORD_HOME", "var")).resolve()
HOME.mkdir(parents=True, exist_ok=True)


def secret_key() -> str:
    """The configured key, else one made once and kept in the home."""
    if key := os.environ.get("ACCORD_SECRET_KEY"):
        return key
    kept = HOME / "secret-key"
    if not kept.exists():
        fresh = HOME / f"secret-key.{os.getpid()}"
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(50))
        with suppress(FileExistsError):  # another process of this first start was first: its key is the one
            os.link(fresh, kept)
        fresh.unlink()
    return kept.read_text()


SECRET_KEY = secret_key()
DEBUG = os.environ.get("ACCORD_DEBUG") == "1"


def listed(name: str, usual: str = "") -> list[str]:
    """What a variable lists, with commas, and with or without spaces behind them."""
    return [one for part in os.environ.get(name, usual).split(",") if (one := part.strip())]


ALLOWED_HOSTS = listed("ACCORD_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = listed("ACCORD_ORIGINS")
HOUSE_URL = os.environ.get("ACCORD_URL", next(iter(CSRF_TRUSTED_ORIGINS), "http://localhost:8000")).rstrip("/")

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "template_partials",
    "lucide",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "accord.kernel",
    "accord.rooms.team",
    "accord.rooms.people",
    "accord.rooms.content",
    "accord.rooms.campaigns",
    "accord.rooms.capture",
    "accord.rooms.agreement",
    "accord.rooms.scoring",
    "accord.rooms.funnel",
    "accord.rooms.handoff",
    "accord.rooms.desk",
    "accord.rooms.promises",
    "accord.rooms.insight",
    "accord.rooms.notices",
    "accord.rooms.trail",
    "accord.api",
    "accord.web.shell",
    "accord.apps.LoopConfig",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "accord.web.shell.middleware.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accord.web.shell.middleware.MomentMiddleware",
]

ROOT_URLCONF = "accord.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": sorted((SOURCE / "web").glob("*/templates")),
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "accord.web.shell.context.shell",
            ],
            "builtins": ["accord.web.shell.templatetags.shell"],
            "libraries": {
                "insight": "accord.web.insight.tabs",
                "lists": "accord.web.lists.drawing",
                "pipeline": "accord.web.funnel.drawing",
            },
        },
    }
]

SQLITE = {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": ""}
SQLITE["init_command"] = (
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON; "
    "PRAGMA cache_size=-65536; PRAGMA temp_store=MEMORY; PRAGMA mmap_size=268435456"
)
# No question here runs as long as compiling it takes: it was 30 to 250 ms, on a core that capture needs.
UNCOMPILED = "-c jit=off"


def database() -> dict:
    url = os.environ.get("DATABASE_URL", f"sqlite:///{HOME / 'accord.sqlite3'}")
    config = dj_database_url.parse(url, conn_max_age=600, conn_health_checks=True)
    if config["ENGINE"].endswith("sqlite3"):
        config["OPTIONS"] = dict(SQLITE)
    else:
        config["ENGINE"] = "accord.kernel.postgresql"
        options = config.setdefault("OPTIONS", {})
        options["options"] = f"{UNCOMPILED} {options.get('options', '')}".strip()
    return dict(config)


DATABASES = {"default": database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
WAREHOUSE = os.environ.get("ACCORD_WAREHOUSE", "duckdb://")

AUTH_USER_MODEL = "team.Member"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_MODEL_EMAIL_FIELD = "email"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "accord.web.shell.accounts.InvitedOnly"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_RATE_LIMITS = {"booking": "20/10m/ip"}  # beside the usual ones of signing in
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
LOGIN_REDIRECT_URL = "/"
LOGIN_URL = "account_login"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
LOCALE_PATHS = [SOURCE / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "static/"
BUILT = HOME / "built"  # static files that are made from packages, such as the charts' script
BUILT.mkdir(exist_ok=True)
STATICFILES_DIRS = [BUILT, *sorted(room for room in (SOURCE / "web").glob("*/static") if room.parent.name != "shell")]
STATIC_ROOT = HOME / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
MEDIA_ROOT = HOME / "files"
DISK_RESERVE = (
    int(os.environ.get("ACCORD_DISK_RESERVE_MB", "256")) * 2**20
)  # bytes free below which capture pushes back
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 2**20

SMTP = smtp.read(os.environ.get("ACCORD_SMTP", ""))
EMAIL_HOST, EMAIL_PORT = SMTP.host, SMTP.port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = SMTP.user, SMTP.password
EMAIL_USE_TLS, EMAIL_USE_SSL = SMTP.starttls, SMTP.tls
EMAIL_TIMEOUT = 10  # seconds
DEFAULT_FROM_EMAIL = os.environ.get("ACCORD_MAIL_FROM", "accord@localhost")

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "manifest-src": [SELF],
    }
}
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SAMESITE = "Lax"
SECURE = os.environ.get("ACCORD_HTTPS") == "1"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
if SECURE:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"lines": {"()": "accord.kernel.logs.Lines"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
}
