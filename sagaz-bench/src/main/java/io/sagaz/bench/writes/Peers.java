package io.sagaz.bench.writes;

import io.sagaz.bench.load.PeerVersions;
import java.util.List;

/** What the others do and do not do beside Sagaz, with their versions: nobody is to be compared with what he did not do. */
final class Peers {
    private final PeerVersions versions = new PeerVersions();

    /** A paragraph for each. */
    List<String> paragraphs() {
        return List.of(
                "\"hand-written JDBC\" writes the same rows into the same tables as Sagaz: a saga, its steps, an audit entry and"
                        + " an event, by one statement for each row and a commit. Directly the driver prepares them on the"
                        + " server, as it does by itself; through PgBouncer it does not. It checks the version of the saga, but"
                        + " neither the status of saga and step nor the JSON, recognises no repeated start, and does not find"
                        + " out what became of a commit whose answer is lost; Sagaz does all of that.",
                "\"transaction-outbox\" is `com.gruelbox:transactionoutbox-core` " + version("transaction-outbox")
                        + " (of 2022), which is an outbox and keeps no sagas. In one transaction the saga's row is written (or"
                        + " changed, by its version) by hand into Sagaz' table, and one entry is scheduled. It does less: no"
                        + " rows of steps and no audit entry. Its submitter leaves the entry where it is, so that no part of a"
                        + " relay's work is measured.",
                "\"Axon saga store\" is `org.axonframework:axon-modelling` " + version("axon")
                        + ": `JdbcSagaStore` alone, each call in a unit of work that is a transaction, with a serializer of JSON"
                        + " and two indexes on associations, which it does not make itself. A saga is one document and one"
                        + " association. It does less: no steps, no audit, no event, no check of a version; a step's success"
                        + " replaces the document, again and again in the same saga; and the third step of a whole saga deletes"
                        + " it, as Axon does at the end.",
                "\"DBOS\" is `dev.dbos:transact` " + version("dbos")
                        + ": a workflow of three steps that return their output at once. It does another thing: it carries the"
                        + " workflow out in a thread of its own, looks before each step whether it has been done, and"
                        + " records its result; its events and messages are not used, there is no audit entry; and it can go on with a"
                        + " workflow that was interrupted, which is the caller's part in Sagaz. It keeps a connection to listen on,"
                        + " and so has a pool with one more than the others; it runs only while it is measured.");
    }

    String version(String of) {
        return versions.of(of);
    }
}
