package io.sagaz.cli.look;

import io.sagaz.cli.connect.Login;
import java.sql.SQLException;
import org.postgresql.util.PSQLException;

/** A server or a pooler has answered, and does not let the role in. Its message has no password. */
final class LoginRefusedException extends SQLException {
    private static final long serialVersionUID = 1L;

    /** The password is wrong, or there is no such role: a server tells nobody which. */
    private static final String INVALID_PASSWORD = "28P01";
    /** The role may not log in, or not from here. */
    private static final String INVALID_AUTHORIZATION = "28000";
    /** What PgBouncer says of all that it refuses: a password, a role, a database, or whom its server does not take. */
    private static final String PROTOCOL_VIOLATION = "08P01";

    private final String remedy;

    private LoginRefusedException(String message, String remedy, SQLException cause) {
        super(message, cause.getSQLState(), cause);
        this.remedy = remedy;
    }

    /** What helps. */
    String remedy() {
        return remedy;
    }

    /** The failure of a connection in words of this program if it is a refusal, else as it was. */
    static SQLException orSame(PSQLException failure, Login login) {
        if (failure.getServerErrorMessage() == null) {
            return failure;
        }
        String role = login.user();
        String setting = login.passwordSetting();
        String correct = "Put the password of " + role + " into " + setting + ", or give " + role
                + " that one: ALTER ROLE " + role + " PASSWORD '…'.";
        return switch (String.valueOf(failure.getSQLState())) {
            case INVALID_PASSWORD ->
                new LoginRefusedException(
                        "the role " + role + " with the password from " + setting + " is refused (28P01)",
                        correct,
                        failure);
            case INVALID_AUTHORIZATION ->
                new LoginRefusedException(
                        "the role " + role + " may not log in (28000): " + failure.getMessage(),
                        "Let it in from this host in pg_hba.conf, with LOGIN; or name another with --user.",
                        failure);
            case PROTOCOL_VIOLATION ->
                new LoginRefusedException(
                        "PgBouncer takes no login of " + role + " with the password from " + setting + ": "
                                + failure.getMessage(),
                        "If it says authentication: " + correct + " If it cannot reach its server: start that. Else let"
                                + " PgBouncer know the role (auth_file, auth_query; stats_users for its console) or the"
                                + " database.",
                        failure);
            default -> failure;
        };
    }
}
