#!/bin/bash
# Runs once, on an empty data folder: the three roles and the database, as server/database/roles.py has them.
set -eu
psql --no-psqlrc --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
    --set owner_password="$USHER_OWNER_PASSWORD" --set app_password="$USHER_APP_PASSWORD" \
    --set audit_password="$USHER_AUDIT_PASSWORD" <<'SQL'
CREATE ROLE usher_owner LOGIN NOSUPERUSER NOCREATEROLE NOREPLICATION NOBYPASSRLS NOCREATEDB;
CREATE ROLE usher_app LOGIN NOSUPERUSER NOCREATEROLE NOREPLICATION NOBYPASSRLS NOCREATEDB;
CREATE ROLE usher_audit LOGIN NOSUPERUSER NOCREATEROLE NOREPLICATION NOBYPASSRLS NOCREATEDB;
ALTER ROLE usher_owner SET timezone = 'UTC';
ALTER ROLE usher_owner SET jit = off;
ALTER ROLE usher_app SET timezone = 'UTC';
ALTER ROLE usher_app SET jit = off;
ALTER ROLE usher_app SET statement_timeout = '10s';
ALTER ROLE usher_app SET lock_timeout = '5s';
ALTER ROLE usher_app SET idle_in_transaction_session_timeout = '60s';
ALTER ROLE usher_audit SET timezone = 'UTC';
ALTER ROLE usher_audit SET jit = off;
ALTER ROLE usher_audit SET statement_timeout = '60s';
CREATE DATABASE usher OWNER usher_owner ENCODING 'UTF8' TEMPLATE template0;
REVOKE ALL ON DATABASE usher FROM PUBLIC;
GRANT CONNECT ON DATABASE usher TO usher_app, usher_audit;
ALTER ROLE usher_owner PASSWORD :'owner_password';
ALTER ROLE usher_app PASSWORD :'app_password';
ALTER ROLE usher_audit PASSWORD :'audit_password';
SQL
