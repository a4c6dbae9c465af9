"""The REST API: one base for every resource; each app plugs its own in from its ``api_urls.py``."""
