import os

from django.core.wsgi import get_wsgi_application

from crm.memory import settle

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")

application = get_wsgi_application()
settle()
