-- The roles and their passwords. Run again to change passwords; SAGAZ.md says how.
-- What is written here is in no log, for it holds passwords.
SET log_statement = none;
SET log_min_error_statement = panic;
SET log_min_duration_statement = -1;
{{#patroni}}
-- New passwords are there before replicas can come in with them.
SET synchronous_commit = local;
{{/patroni}}
\set owner `cat "${SAGAZ_SECRETS:-/run/secrets}/owner"`
\set app `cat "${SAGAZ_SECRETS:-/run/secrets}/app"`
\set reader `cat "${SAGAZ_SECRETS:-/run/secrets}/reader"`
\set replicator `cat "${SAGAZ_SECRETS:-/run/secrets}/replicator"`
\set pooler `cat "${SAGAZ_SECRETS:-/run/secrets}/pooler"`
\set metrics `cat "${SAGAZ_SECRETS:-/run/secrets}/metrics"`

SELECT format('CREATE ROLE %I LOGIN', role)
  FROM unnest(ARRAY['sagaz_owner', 'sagaz_app', 'sagaz_reader', 'sagaz_replicator', 'sagaz_pooler', 'sagaz_metrics']) AS role
 WHERE to_regrole(role) IS NULL
\gexec

-- Owns the tables: migrations, the maintenance of partitions, and what operators ask (sagaz status, sagaz doctor).
ALTER ROLE sagaz_owner PASSWORD :'owner';
GRANT pg_monitor TO sagaz_owner;
-- Services and relays. sagaz migrate --writer gives it what these need, and no more.
ALTER ROLE sagaz_app PASSWORD :'app';
-- Dashboards. sagaz migrate --reader gives it what these need.
ALTER ROLE sagaz_reader PASSWORD :'reader';
-- Replicas; can read no table.
ALTER ROLE sagaz_replicator REPLICATION PASSWORD :'replicator';
-- PgBouncer asks as this role whether a password is right; can do nothing else.
ALTER ROLE sagaz_pooler PASSWORD :'pooler' CONNECTION LIMIT {{budget.ofEachPooler}};
-- Exporters and health checks. sagaz migrate --reader lets it count sagas, events and partitions.
ALTER ROLE sagaz_metrics PASSWORD :'metrics' CONNECTION LIMIT {{budget.ofEachPooler}};
GRANT pg_monitor TO sagaz_metrics;

SELECT 'CREATE DATABASE sagaz OWNER sagaz_owner'
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'sagaz')
\gexec
REVOKE ALL ON DATABASE postgres, template1, sagaz FROM PUBLIC;
GRANT CONNECT ON DATABASE sagaz TO sagaz_app, sagaz_reader, sagaz_pooler, sagaz_metrics;
GRANT TEMPORARY ON DATABASE sagaz TO sagaz_reader;
{{#patroni}}
-- pg_rewind comes in as this role and reads files, which it could copy anyway.
GRANT CONNECT ON DATABASE postgres TO sagaz_replicator;
-- Sees at once, and not with the next restart point, that a replica follows a new primary.
GRANT pg_read_all_stats TO sagaz_app, sagaz_reader;
{{/patroni}}

\connect sagaz
SET log_statement = none;
{{#patroni}}
SET synchronous_commit = local;
{{/patroni}}
ALTER SCHEMA public OWNER TO sagaz_owner;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO sagaz_app, sagaz_reader, sagaz_metrics;

CREATE SCHEMA IF NOT EXISTS pgbouncer;
GRANT USAGE ON SCHEMA pgbouncer TO sagaz_pooler;
CREATE OR REPLACE FUNCTION pgbouncer.verifier(name text) RETURNS TABLE (usename text, passwd text)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT rolname::text, rolpassword FROM pg_authid
   WHERE rolname = name AND rolcanlogin AND NOT rolsuper AND NOT rolreplication
     AND (rolvaliduntil IS NULL OR rolvaliduntil > now())
$$;
REVOKE ALL ON FUNCTION pgbouncer.verifier(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION pgbouncer.verifier(text) TO sagaz_pooler;
