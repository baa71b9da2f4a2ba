/**
 * The schema of Sagaz and its partitions. {@link io.sagaz.migrations.SagazMigrations} brings a database up to date or
 * checks that it is; the SQL itself lies in {@code META-INF/sagaz/migrations}.
 *
 * <p><b>Rights.</b> Who migrates owns what is made and needs {@code CREATE} on the schema (and on the database if the
 * schema is to be made). An application that only uses the tables needs, from their owner:
 *
 * <pre>{@code
 * GRANT USAGE ON SCHEMA s TO app;
 * GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA s TO app;
 * GRANT USAGE ON SEQUENCE s.saga_outbox_seq TO app;
 * GRANT EXECUTE ON FUNCTION s.sagaz_create_partition(text, date) TO app;  -- if it is to make partitions
 * GRANT USAGE ON SCHEMA s TO reader;
 * GRANT SELECT ON ALL TABLES IN SCHEMA s TO reader;
 * }</pre>
 *
 * <p>{@code EXECUTE} on the other functions is PostgreSQL's default for everybody, and access through a table needs no
 * rights on its partitions. New partitions have the owner of their table, whoever makes them.
 */
@org.jspecify.annotations.NullMarked
package io.sagaz.migrations;
