"""Every setting, read from the environment here and nowhere else.

With `HUB_ENV=demo` (the default) nothing needs to be set: keys are made once in `var/`, only
loopback hosts are answered. With `HUB_ENV=production` a missing or malformed value stops the
start with a sentence that says what to set.
"""

import base64
import binascii
import importlib.util
import ipaddress
import json
import os
import re
import secrets
import unicodedata
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(os.environ.get("HUB_VAR", BASE_DIR / "var"))
VAR_DIR.mkdir(parents=True, exist_ok=True)

env = environ.Env()


def required(name: str, hint: str) -> str:
    """The value of a variable that production can't do without."""
    value = env.str(name, default="").strip()
    if not value:
        raise ImproperlyConfigured(f"Set {name}: {hint}.")
    return value


def key(name: str, text: str) -> bytes:
    """32 bytes from base64, or a sentence."""
    try:
        value = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        value = b""
    if len(value) != 32:
        raise ImproperlyConfigured(
            f"{name} must be 32 random bytes in base64; make one with: openssl rand -base64 32"
        )
    return value


def url_parts(name: str, text: str, hint: str) -> SplitResult:
    """The parts of an address, or a sentence that doesn't repeat it: it may hold a password."""
    try:
        parts = urlsplit(text)
        _ = parts.port  # a port that is no number is noticed only now
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} can't be read: set it to {hint}.") from error
    return parts


def is_near(host: str) -> bool:
    """Whether a host is this machine or one on its own network: a name without a dot, or an address that
    nobody can reach from elsewhere."""
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return "." not in host


def demo_keys() -> dict[str, str]:
    """The demo's own keys, made once. Several processes may start at the same moment: the first
    to link its file wins, all read the winner's."""
    path = VAR_DIR / "demo-keys.json"
    if not path.exists():
        names = ("SECRET_KEY", "DATA_KEYS", "INDEX_KEY", "LINK_KEY")
        made = {name: base64.b64encode(secrets.token_bytes(32)).decode() for name in names}
        mine = VAR_DIR / f"demo-keys.{secrets.token_hex(4)}"
        mine.touch(mode=0o600)
        mine.write_text(json.dumps(made))
        try:
            os.link(mine, path)
        except FileExistsError:
            pass
        finally:
            mine.unlink()
    return json.loads(path.read_text())


HUB_ENV = env.str("HUB_ENV", default="demo")
if HUB_ENV not in ("demo", "production"):
    raise ImproperlyConfigured(f"HUB_ENV is {HUB_ENV!r}: set it to demo or production.")
DEMO = HUB_ENV == "demo"
DEBUG = False

# --- Keys -----------------------------------------------------------------------------------
if DEMO:
    KEYS = {name: env.str(name, default="") or made for name, made in demo_keys().items()}
else:
    KEYS = {
        "SECRET_KEY": required("SECRET_KEY", "a long random text that signs cookies"),
        "DATA_KEYS": required("DATA_KEYS", "one or more 32-byte keys in base64, comma between, newest first"),
        "INDEX_KEY": required("INDEX_KEY", "a 32-byte key in base64; changing it forgets limits and blocks"),
        "LINK_KEY": required("LINK_KEY", "a 32-byte key in base64; changing it kills every mailed link"),
    }
SECRET_KEY = KEYS["SECRET_KEY"]
DATA_KEYS = [key("DATA_KEYS", part.strip()) for part in KEYS["DATA_KEYS"].split(",") if part.strip()]
if not DATA_KEYS:
    raise ImproperlyConfigured("DATA_KEYS holds no key: set one or more 32-byte keys in base64.")
INDEX_KEY = key("INDEX_KEY", KEYS["INDEX_KEY"])
LINK_KEY = key("LINK_KEY", KEYS["LINK_KEY"])

# --- Where the hub lives ---------------------------------------------------------------------
SITE_NAME = env.str("SITE_NAME", default="Labor Party Hub")
if any(unicodedata.category(character) in ("Cc", "Zl", "Zp") for character in SITE_NAME):
    raise ImproperlyConfigured("SITE_NAME holds a line break or another control character: set one line.")
SITE_URL = (
    env.str("SITE_URL", default="http://localhost:8000")
    if DEMO
    else required("SITE_URL", "the hub's own address, for example https://hub.example.org")
).rstrip("/")
_site = url_parts("SITE_URL", SITE_URL, "an address like https://hub.example.org")
if (
    _site.scheme not in ("http", "https")
    or not _site.hostname
    or (_site.path or _site.query or _site.fragment or _site.username)
):
    raise ImproperlyConfigured(f"SITE_URL is {SITE_URL!r}: set it to an address like https://hub.example.org")
HTTPS = _site.scheme == "https"
SITE_HOST = _site.hostname
# The licence (AGPL-3.0, section 13) wants whoever runs a changed hub to offer its source to its users.
SOURCE_URL = env.str("SOURCE_URL", default="").strip()
_source_hint = "where the source of this very hub is, for example https://code.example.org/hub"
_source = url_parts("SOURCE_URL", SOURCE_URL, _source_hint)
if SOURCE_URL and (
    _source.scheme not in ("http", "https")
    or not _source.hostname
    or "@" in _source.netloc
    or re.search(r"\s", SOURCE_URL)
):
    raise ImproperlyConfigured(f"SOURCE_URL is no address of a page: set it to {_source_hint}.")
ALLOWED_HOSTS = (
    ["localhost", "127.0.0.1", "[::1]"]
    if DEMO
    else [h.strip() for h in required("ALLOWED_HOSTS", "the host names to answer to").split(",") if h.strip()]
)

# --- Apps and requests -----------------------------------------------------------------------
INSTALLED_APPS = [
    # These before hub, which takes their models out of the admin and seals their addresses.
    "django.contrib.auth",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "taggit",
    "hub.apps.HubConfig",
    "campaigns.apps.CampaignsConfig",
    "committees.apps.CommitteesConfig",
    "events.apps.EventsConfig",
    "hub.apps.HubAdminConfig",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "csp",
]
MIDDLEWARE = [
    "hub.middleware.DemoStaysHomeMiddleware",
    "hub.middleware.RequestLineMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",
    "hub.middleware.CachingMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "hub.middleware.ReauthenticationMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "hub.urls"
WSGI_APPLICATION = "hub.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "hub.context.site",
            ],
            "builtins": [
                "django.templatetags.cache",
                "django.templatetags.i18n",
                "django.templatetags.static",
                "hub.templatetags.hub",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
INSTALLED_APPS.append("django.forms")
TAGGIT_CASE_INSENSITIVE = True
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_000_000  # bytes; a text of a megabyte is told in its form that it is too long
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200
DATA_UPLOAD_MAX_NUMBER_FILES = 4
# What is uploaded is never on a disk; how much of it is kept in memory, hub/uploads.py says.
FILE_UPLOAD_HANDLERS = ["hub.uploads.MemoryUploadHandler"]

# --- Data ------------------------------------------------------------------------------------
SQLITE_OPTIONS = {
    # IMMEDIATE: a transaction that reads and then writes takes the write lock at its start,
    # else two of them end in "database is locked".
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": (
        "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA mmap_size=134217728;"
        "PRAGMA journal_size_limit=27103364;PRAGMA cache_size=-16000;PRAGMA temp_store=MEMORY;"
    ),
}
DATABASE_URL = env.str("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'hub.sqlite3'}")
_parts = url_parts("DATABASE_URL", DATABASE_URL, "postgres://… or sqlite:///…")
if _parts.scheme not in ("postgres", "postgresql", "sqlite"):
    raise ImproperlyConfigured("DATABASE_URL names another kind of database: set postgres://… or sqlite:///…")
try:
    _database = environ.Env.db_url_config(DATABASE_URL)
except (ValueError, TypeError, KeyError) as error:
    raise ImproperlyConfigured("DATABASE_URL can't be read: set it to postgres://… or sqlite:///…") from error
if _database.get("ENGINE") == "django.db.backends.sqlite3":
    _database["OPTIONS"] = SQLITE_OPTIONS
else:
    _database["ENGINE"] = "hub.postgresql"
    _database["CONN_HEALTH_CHECKS"] = True
    # Statements that come again and again are planned once a connection. Behind PgBouncer that takes
    # its session mode.
    _database["OPTIONS"] = {
        **_database.get("OPTIONS", {}),
        "server_side_binding": True,
        "prepare_threshold": 2,
    }
_database["CONN_MAX_AGE"] = 60
DATABASES = {"default": _database}
CACHES = {
    # What limits log-ins. Every key is a keyed digest, so it holds no address and no machine.
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "hub_limit",
        "KEY_FUNCTION": "hub.limits.cache_key",
        # Django throws out living rows beyond this number, and with them limits.
        "OPTIONS": {"MAX_ENTRIES": 1_000_000},
    },
    # Parts of pages that depend on a few words only, kept by each process for itself.
    "template_fragments": {  # the tag {% cache %} looks for this name
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "fragments",
    },
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"  # for Django's own tables; ours have UUIDs

# --- People ----------------------------------------------------------------------------------
AUTH_USER_MODEL = "hub.User"
AUTHENTICATION_BACKENDS = ["hub.backends.AccountBackend"]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "me"
LOGOUT_REDIRECT_URL = "home"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ACCOUNT_ADAPTER = "hub.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_PREVENT_ENUMERATION = "strict"
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
ACCOUNT_PASSWORD_MIN_LENGTH = None  # AUTH_PASSWORD_VALIDATORS says it
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_REAUTHENTICATION_TIMEOUT = 5 * 60  # seconds
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT = 15 * 60  # seconds
ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = ACCOUNT_EMAIL_VERIFICATION_BY_CODE_MAX_ATTEMPTS = 5
ACCOUNT_PASSWORD_RESET_BY_CODE_MAX_ATTEMPTS = 5
ALLAUTH_USER_CODE_FORMAT = {"numeric": True, "length": 6, "dashed": False}
# By machine generously, because everybody behind an anonymising network shares one; by address or
# account strictly. Mails have a limit of their own: hub/accounts.py.
ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",
    "login_failed": "60/m/ip,5/5m/key",
    "signup": "60/m/ip",
    "request_login_code": "60/m/ip",
    "reset_password": "60/m/ip",
    "reset_password_from_key": "60/m/ip",
    "confirm_email": "5/15m/key",
}
ACCOUNT_FORMS = {
    "login": "hub.account_forms.LoginForm",
    "request_login_code": "hub.account_forms.RequestLoginCodeForm",
    "confirm_login_code": "hub.account_forms.ConfirmLoginCodeForm",
    "reset_password": "hub.account_forms.ResetPasswordForm",
    "confirm_password_reset_code": "hub.account_forms.ConfirmPasswordResetCodeForm",
    "reset_password_from_key": "hub.account_forms.ResetPasswordKeyForm",
    "change_password": "hub.account_forms.ChangePasswordForm",
    "set_password": "hub.account_forms.SetPasswordForm",
    "reauthenticate": "hub.account_forms.ReauthenticateForm",
    "confirm_reauthentication_code": "hub.account_forms.ConfirmReauthenticationCodeForm",
    "add_email": "hub.account_forms.AddEmailForm",
    "confirm_email_verification_code": "hub.account_forms.ConfirmEmailVerificationCodeForm",
}
MFA_ADAPTER = "hub.adapters.MFAAdapter"
MFA_TOTP_ISSUER = SITE_NAME
MFA_TOTP_TOLERANCE = 1  # steps of 30 seconds that a phone's clock may be wrong by
MFA_FORMS = {
    "authenticate": "hub.account_forms.SecondFactorForm",
    "reauthenticate": "hub.account_forms.SecondFactorAgainForm",
    "activate_totp": "hub.account_forms.ActivateTotpForm",
}
SESSION_ENGINE = "hub.sessions"
SESSION_COOKIE_AGE = 30 * 24 * 60 * 60  # seconds; of staff and of strangers less: hub/adapters.py
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
SESSION_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrf"
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "hub.views.errors.csrf_failure"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# --- Safety ----------------------------------------------------------------------------------
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$"]
SECURE_HSTS_SECONDS = 63_072_000 if HTTPS else 0  # two years
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
_proxies = env.str("TRUSTED_PROXIES", default="").strip() or "0"
if not (_proxies.isascii() and _proxies.isdigit()):
    raise ImproperlyConfigured(
        "TRUSTED_PROXIES is how many proxies stand before the hub: set it to a number."
    )
TRUSTED_PROXIES = int(_proxies)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
    }
}

# --- Words and time --------------------------------------------------------------------------
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
LANGUAGE_NAMES = {"en": "English", "es": "Español"}
_languages = env.list("LANGUAGES", default=["en", "es"])
if "en" not in _languages or not set(_languages) <= set(LANGUAGE_NAMES):
    raise ImproperlyConfigured("LANGUAGES can be en, or en,es: other languages have no translation yet.")
LANGUAGES = [(code, LANGUAGE_NAMES[code]) for code in _languages]
FORMAT_MODULE_PATH = "hub.formats"
LOCALE_PATHS = [BASE_DIR / "hub" / "locale"]

# --- Static files ----------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEMO
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEMO  # the demo needs no collectstatic
STATIC_ROOT.mkdir(exist_ok=True)
WHITENOISE_KEEP_ONLY_HASHED_FILES = True

# --- Mail ------------------------------------------------------------------------------------
# The demo keeps its mail in a folder that /dev/mail/ shows; anything else goes to the relay.
MAIL_FROM = env.str("MAIL_FROM", default=f"hub@{SITE_HOST}")
if not (MAIL_FROM.isascii() and re.fullmatch(r'[^\s<>"(),;:\\@]+@[^\s<>"(),;\\@]+', MAIL_FROM)):
    # The sender's name is SITE_NAME, or a neutral one.
    raise ImproperlyConfigured("MAIL_FROM must be an address alone, without a name: like hub@example.org.")
DEFAULT_FROM_EMAIL = MAIL_FROM
DEMO_MAIL_DIR = VAR_DIR / "mail"
if DEMO and not env.str("EMAIL_URL", default=""):
    EMAIL_BACKEND = "hub.dev_mail.FolderBackend"
else:
    _relay = "your mail relay, for example smtp+tls://user:password@mail.example.org:587"
    _parts = url_parts("EMAIL_URL", required("EMAIL_URL", _relay), _relay)
    if _parts.scheme not in ("smtp", "smtps", "smtp+tls", "smtp+ssl") or not _parts.hostname:
        raise ImproperlyConfigured(f"EMAIL_URL names no mail relay: set it to {_relay}.")
    _email = environ.Env.email_url_config(_parts.geturl())
    EMAIL_BACKEND = "hub.relay.RelayBackend"
    EMAIL_HOST = _email["EMAIL_HOST"]
    EMAIL_PORT = _email["EMAIL_PORT"] or 25
    EMAIL_HOST_USER = _email["EMAIL_HOST_USER"] or ""
    EMAIL_HOST_PASSWORD = _email["EMAIL_HOST_PASSWORD"] or ""
    EMAIL_USE_TLS = _email.get("EMAIL_USE_TLS", False)
    EMAIL_USE_SSL = _email.get("EMAIL_USE_SSL", False)
if not (DEMO or EMAIL_USE_TLS or EMAIL_USE_SSL or is_near(EMAIL_HOST)):
    raise ImproperlyConfigured(
        "EMAIL_URL would send addresses, texts and the password in clear: make it smtp+tls:// or smtp+ssl://."
    )
_rate = env.str("MAIL_RATE", default="").strip()
if _rate and not re.fullmatch(r"[1-9][0-9]{0,5}", _rate):
    raise ImproperlyConfigured(
        "MAIL_RATE is how many mails may leave a minute: set it to a number, or leave it out for no limit."
    )
MAIL_RATE = int(_rate or 0)
EMAIL_TIMEOUT = 30  # seconds; a hanging relay must not hold a worker for ever

# What a hosted provider reports of refusals and complaints: off unless it is named. Each with the header in
# which it wants the Message-ID, where it names mail by ids of its own.
MAIL_WEBHOOKS = {"mailgun": "", "postmark": "X-PM-Metadata-anymail_id"}
MAIL_WEBHOOK = env.str("MAIL_WEBHOOK", default="").strip().lower()
MAIL_ID_HEADER = MAIL_WEBHOOKS.get(MAIL_WEBHOOK, "")
ANYMAIL: dict[str, str] = {}
if MAIL_WEBHOOK:
    if MAIL_WEBHOOK not in MAIL_WEBHOOKS:
        _names = " or ".join(MAIL_WEBHOOKS)
        raise ImproperlyConfigured(f"MAIL_WEBHOOK names no provider the hub understands: set {_names}.")
    if importlib.util.find_spec("anymail") is None:
        raise ImproperlyConfigured(
            "MAIL_WEBHOOK needs django-anymail: install the extra esp, or leave the variable out."
        )
    _signs = MAIL_WEBHOOK == "mailgun"
    _hint = "Mailgun's HTTP webhook signing key" if _signs else "user:password, which its webhook sends along"
    _secret = required("MAIL_WEBHOOK_SECRET", _hint)
    if not re.fullmatch(r"[!-~]{16,}" if _signs else r"[!-9;-~]+:[!-~]{16,}", _secret):
        raise ImproperlyConfigured(
            f"MAIL_WEBHOOK_SECRET must be {_hint}: 16 or more ASCII characters that nobody guesses."
        )
    ANYMAIL = {"MAILGUN_WEBHOOK_SIGNING_KEY" if _signs else "WEBHOOK_SECRET": _secret}

# --- Worker ----------------------------------------------------------------------------------
REDIS_URL = env.str("REDIS_URL", default="")
BROKER_DIR = VAR_DIR / "broker"

# --- Logs: never a path (it may hold a secret link), an address or an IP ----------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"no_paths": {"()": "hub.logs.NoPaths"}},
    "formatters": {
        "line": {
            "()": "hub.logs.LineFormatter",
            "format": "{asctime} {levelname} {name}: {message}",
            "style": "{",
        }
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["no_paths"]},
    },
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        "django.server": {"handlers": [], "level": "CRITICAL", "propagate": False},
    },
}
