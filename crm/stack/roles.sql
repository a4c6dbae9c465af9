-- The roles, the database and the extensions Tenure needs. Run by a superuser with psql, any number of times:
--   TENURE_OWNER_PASSWORD=… TENURE_APP_PASSWORD=… psql -f crm/stack/roles.sql postgres
-- The embedded server, the container image and docs/ops.md all use this file.
\set ON_ERROR_STOP on
\getenv owner_password TENURE_OWNER_PASSWORD
\getenv app_password TENURE_APP_PASSWORD

-- crm_owner owns the tables and runs migrations. BYPASSRLS: without it ADD FOREIGN KEY is marked valid over rows
-- that violate it, and a data migration changes nothing, both in silence. CREATEDB: for the test database.
-- crm_app is the web, the workers and the tests: whatever it does, the policies hold.
-- crm_search owns the search function, which reads under the tenant of the setting; nobody can log in as it.
SELECT format('CREATE ROLE %I', name)
FROM unnest(ARRAY['crm_owner', 'crm_app', 'crm_search']) AS name
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name)
\gexec
ALTER ROLE crm_owner LOGIN NOSUPERUSER CREATEDB NOCREATEROLE BYPASSRLS PASSWORD :'owner_password';
ALTER ROLE crm_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD :'app_password';
ALTER ROLE crm_search NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE BYPASSRLS;
-- Membership lets crm_owner hand functions to crm_search and replace them later.
GRANT crm_search TO crm_owner;

SELECT 'CREATE DATABASE tenure OWNER crm_owner ENCODING ''UTF8'' TEMPLATE template0'
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'tenure')
\gexec
REVOKE ALL ON DATABASE tenure FROM PUBLIC;
-- TEMPORARY: imports copy into a temporary table, because COPY FROM is refused under row-level security.
GRANT CONNECT, TEMPORARY ON DATABASE tenure TO crm_app;

-- template1 too, so that a test database, which is made by crm_owner, has the same.
\connect template1
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS btree_gin;
CREATE EXTENSION IF NOT EXISTS unaccent;
CREATE EXTENSION IF NOT EXISTS fuzzystrmatch;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO crm_app;
GRANT USAGE, CREATE ON SCHEMA public TO crm_search;

\connect tenure
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS btree_gin;
CREATE EXTENSION IF NOT EXISTS unaccent;
CREATE EXTENSION IF NOT EXISTS fuzzystrmatch;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO crm_app;
GRANT USAGE, CREATE ON SCHEMA public TO crm_search;
