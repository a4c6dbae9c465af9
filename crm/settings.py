"""One settings file, driven by the environment (see .env.example)."""

import os
import sys
from pathlib import Path

import dj_database_url
from csp.constants import NONE, SELF
from django.templatetags.static import static
from django.utils.translation import gettext_lazy as _

from crm import mail, stack

BASE_DIR = Path(__file__).resolve().parent.parent
HOME = stack.home_directory()
ENVIRONMENT = stack.environment(HOME)
TESTING = "pytest" in sys.modules

DEBUG = os.environ.get("DEBUG", "") in ("1", "true", "yes")
SECRET_KEY = stack.secret_key(HOME)
ALLOWED_HOSTS = os.environ.get("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]").split(",")
HTTPS = os.environ.get("TENURE_HTTPS", "") in ("1", "true", "yes")
PUBLIC_URL = os.environ.get("TENURE_URL") or "http://{}:{}".format(
    os.environ.get("TENURE_HOST", "127.0.0.1"), os.environ.get("TENURE_PORT", "8000")
)
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",
    "crm.operations.config.OperationsConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_htmx",
    "csp",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "django_celery_beat",
    "crm",
    "customers",
    "segmentation",
    "maintenance",
    "feedback",
    "retention",
    "planning",
]

MIDDLEWARE = [
    "crm.middleware.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "crm.tenancy.middleware.TenancyMiddleware",
    "crm.api.middleware.ApiMiddleware",
    "crm.middleware.PreferencesMiddleware",
    "crm.middleware.DomainErrorMiddleware",
]

ROOT_URLCONF = "crm.urls"
WSGI_APPLICATION = "crm.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "crm.navigation.frame",
            ],
            "builtins": [f"crm.templatetags.{name}" for name in ("ui", "pieces", "list_pieces")],
        },
    }
]

# The application's role and the owner's: only migrations and the tests' set-up use the second.
DATABASES = {
    "default": dj_database_url.parse(ENVIRONMENT["DATABASE_URL"], conn_max_age=0 if TESTING else 60),
    "owner": dj_database_url.parse(ENVIRONMENT["DATABASE_OWNER_URL"] or ENVIRONMENT["DATABASE_URL"]),
}
for _database in DATABASES.values():
    _database["ENGINE"] = "crm.tenancy.backend"
DATABASES["default"]["DISABLE_SERVER_SIDE_CURSORS"] = True  # a pooler in transaction mode has none
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = ENVIRONMENT["REDIS_URL"]
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_FUNCTION": "crm.tenancy.caches.tenant_key",
    },
    # What the broker's queue holds right now: no company's data, the same key from inside and outside one.
    "queue": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "queue",
    },
}
CELERY_BROKER_URL = REDIS_URL

# How patient the delivery engine is, in seconds; what is shorter recovers sooner and asks more often.
DELIVERY_LEASE = int(os.environ.get("TENURE_DELIVERY_LEASE", "120"))
DELIVERY_BACKOFF = int(os.environ.get("TENURE_DELIVERY_BACKOFF", "30"))
DELIVERY_TRIES = int(os.environ.get("TENURE_DELIVERY_TRIES", "12"))
# Webhooks: seconds one call may take, tries before one is given up, hours an endpoint may fail before it is
# switched off, and the hosts and networks that may be called although they are not public.
WEBHOOK_TIMEOUT = float(os.environ.get("TENURE_WEBHOOK_TIMEOUT", "10"))
WEBHOOK_TRIES = int(os.environ.get("TENURE_WEBHOOK_TRIES", "16"))
WEBHOOK_PATIENCE = float(os.environ.get("TENURE_WEBHOOK_PATIENCE", "72"))
WEBHOOK_ALLOW = [
    entry.strip() for entry in os.environ.get("TENURE_WEBHOOK_ALLOW", "").split(",") if entry.strip()
]
# How many public forms one address may send within an hour.
FORMS_PER_HOUR = int(os.environ.get("TENURE_FORMS_PER_HOUR", "30"))
JOB_LEASE = int(os.environ.get("TENURE_JOB_LEASE", "900"))
WAKE_GUARD = int(os.environ.get("TENURE_WAKE_GUARD", "60"))

AUTH_USER_MODEL = "crm.User"
AUTHENTICATION_BACKENDS = ["crm.people.backends.SignIn"]
SESSION_ENGINE = "crm.people.sessions"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "crm.people.passwords.LongEnough", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
if TESTING:
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ALLAUTH_TRUSTED_PROXY_COUNT = int(os.environ.get("TENURE_PROXIES", "0"))
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "crm.people.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,5/5m/key"}
SOCIALACCOUNT_ONLY = False
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS
# Nobody signs up by themselves: an address was given by whoever let its owner in.
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_ISSUER = "Tenure"
MFA_FORMS = {
    "add_webauthn": "crm.people.key_forms.AddKeyForm",
    "edit_webauthn": "crm.people.key_forms.EditKeyForm",
}
MFA_TOTP_TOLERANCE = 1  # periods: telephones' clocks differ by some seconds (RFC 6238, 5.2)

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME = "tenure_session_{}".format(os.environ.get("TENURE_PORT", "8000"))
CSRF_COOKIE_NAME = "tenure_csrf_{}".format(os.environ.get("TENURE_PORT", "8000"))
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "style-src": [SELF],
        "script-src": [SELF],
        "font-src": [SELF, "data:"],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
        "base-uri": [SELF],
    }
}

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文"), ("zh-hant", "繁體中文")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_TZ = True
TIME_ZONE = "UTC"

NODE_MODULES = BASE_DIR / "node_modules"
STATIC_URL = "/static/"
# Tests take the files as they stand, not what an earlier start collected.
STATIC_ROOT = HOME / ("static-of-tests" if TESTING else "static")
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "crm.front_end.FrontEndFinder",
]
MEDIA_ROOT = HOME / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if TESTING or DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = TESTING or DEBUG
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000

EMAIL_URL = os.environ.get("EMAIL_URL", "")
EMAIL = mail.settings_from(EMAIL_URL)
EMAIL_BACKEND = EMAIL.get("EMAIL_BACKEND", "django.core.mail.backends.filebased.EmailBackend")
EMAIL_HOST = EMAIL.get("EMAIL_HOST", "127.0.0.1")
EMAIL_PORT = EMAIL.get("EMAIL_PORT", 25)
EMAIL_HOST_USER = EMAIL.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = EMAIL.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = EMAIL.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = EMAIL.get("EMAIL_USE_SSL", False)
EMAIL_FILE_PATH = HOME / "mail"
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = os.environ.get("DEFAULT_FROM_EMAIL", "Tenure <tenure@localhost>")
BOUNCE_ADDRESS = os.environ.get("BOUNCE_ADDRESS", "")

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["crm.api.authentication.KeyAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["crm.api.permissions.NeedsCapability"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["crm.api.parsers.StrictJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "crm.api.schema.TenureSchema",
    "EXCEPTION_HANDLER": "crm.api.problems.problem_response",
    "UNAUTHENTICATED_USER": None,
    "URL_FORMAT_OVERRIDE": None,
}
API_CALLS_PER_MINUTE = int(os.environ.get("API_CALLS_PER_MINUTE", "600"))
API_MAX_BYTES = int(os.environ.get("API_MAX_BYTES", "10000000"))
DATA_UPLOAD_MAX_MEMORY_SIZE = API_MAX_BYTES
SPECTACULAR_SETTINGS = {
    "TITLE": "Tenure API",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["crm.api.permissions.Anyone"],
    "SERVE_AUTHENTICATION": [],
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    # Names that other resources use too, for other choices.
    "ENUM_NAME_OVERRIDES": {
        "CaptureChannelEnum": "customers.models.Capture.Channel",
        "ChannelEnum": "customers.models.interactions.Channel",
        "ConsentChannelEnum": "customers.models.Consent.Channel",
        "PurposeEnum": "customers.models.Consent.Purpose",
        "CustomerKindEnum": "customers.models.Customer.Kind",
        "ImportKindEnum": "customers.models.Import.Kind",
        "InteractionKindEnum": "customers.models.Interaction.Kind",
        "TicketLevelEnum": "feedback.models.Ticket.Level",
        "TicketStatusEnum": "feedback.models.Ticket.Status",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "crm.api.bulk_schema.describe_items",
        "crm.api.schema.make_true",
        "crm.webhooks.schema.describe",
    ],
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "crm.logs.JsonFormatter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["console"], "level": os.environ.get("LOG_LEVEL", "WARNING" if TESTING else "INFO")},
}

UNFOLD = {
    "SITE_TITLE": "Tenure",
    "SITE_HEADER": _("Tenure operations"),
    "SITE_URL": "/",
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "ENVIRONMENT": "crm.operations.site.environment",
    "STYLES": [lambda request: static("css/operations.css")],
    # Our teal in its steps; 600 is what white stands on.
    "COLORS": {
        "primary": {
            "50": "oklch(97.8% .012 187)",
            "100": "oklch(94.5% .03 187)",
            "200": "oklch(89.5% .052 187)",
            "300": "oklch(82.5% .078 187)",
            "400": "oklch(74% .098 187)",
            "500": "oklch(64% .1 187)",
            "600": "oklch(48% .08 188)",
            "700": "oklch(43% .072 188)",
            "800": "oklch(38% .063 188)",
            "900": "oklch(33% .054 188)",
            "950": "oklch(26% .043 190)",
        }
    },
    "SIDEBAR": {"navigation": "crm.operations.site.sidebar"},
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: "/static/favicon.svg"}
    ],
}
