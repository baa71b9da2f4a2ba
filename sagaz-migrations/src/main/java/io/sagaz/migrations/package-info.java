/**
 * The schema of Sagaz and its partitions. {@link io.sagaz.migrations.SagazMigrations} brings a database up to date or
 * checks that it is; {@link io.sagaz.migrations.PartitionMaintenance} makes partitions ahead and takes old ones away. The SQL
 * itself lies in {@code META-INF/sagaz/migrations}.
 *
 * <p><b>Rights.</b> Who migrates owns what is made and needs {@code CREATE} on the schema (and on the database if the
 * schema is to be made). What the roles of services and dashboards need is granted by {@link
 * io.sagaz.migrations.MigrationConfig#withWriter} and {@link io.sagaz.migrations.MigrationConfig#withReader}, or in the
 * database by {@code grant_sagaz_writer} and {@code grant_sagaz_reader}. Access through a table needs no rights on its
 * partitions; new partitions have the owner of their table, whoever makes them.
 */
@org.jspecify.annotations.NullMarked
package io.sagaz.migrations;
