"""Django's PostgreSQL backend, told that ``id`` alone is no table's primary key."""
