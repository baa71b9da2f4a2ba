package io.sagaz.cli.doctor;

import io.sagaz.cli.look.Look;
import io.sagaz.migrations.SchemaStatus;
import java.util.stream.Stream;

/** The schema and this version of Sagaz are in step. */
final class SchemaFits implements Check {
    @Override
    public Stream<Finding> findings(Look look, Limits limits) {
        return look.data().stream()
                .flatMap(data -> data.schema().known().stream())
                .filter(schema -> !schema.isUsable())
                .map(schema -> new Finding(
                        Id.SCHEMA_OUT_OF_STEP,
                        Severity.CRITICAL,
                        "the schema",
                        what(schema),
                        "Services of this version do not start.",
                        schema.fit() == SchemaStatus.Fit.TOO_NEW
                                ? "Use the version of Sagaz that made it, or a newer one."
                                : "sagaz migrate, as the owner of the tables."));
    }

    private static String what(SchemaStatus schema) {
        String version = schema.version().orElse("-");
        return switch (schema.fit()) {
            case MISSING -> "There is none";
            case BEHIND -> "It is at version " + version + ", this program needs " + schema.needed();
            case BROKEN -> "A migration has failed: see sagaz_schema_history";
            case TOO_NEW ->
                "It is at version " + version + ", made by a newer Sagaz; this one knows " + schema.needed();
            case CURRENT, NEWER -> "It is at version " + version;
        };
    }
}
