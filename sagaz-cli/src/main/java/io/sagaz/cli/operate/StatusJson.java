package io.sagaz.cli.operate;

import com.fasterxml.jackson.core.JsonGenerator;
import io.sagaz.cli.look.Fact;
import io.sagaz.cli.look.Look;
import io.sagaz.cli.look.PoolerLook;
import io.sagaz.cli.look.PoolerState;
import io.sagaz.cli.look.ServerLook;
import io.sagaz.cli.look.ServerState;
import io.sagaz.cli.look.ServerState.Replay;
import io.sagaz.cli.look.ServerState.Slot;
import io.sagaz.cli.look.ServerState.Standby;
import io.sagaz.migrations.PartitionStatistics;
import io.sagaz.migrations.SchemaStatus;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** A look, as a document. What is not known is null, and stands in {@code unknown} with the reason. */
final class StatusJson {
    private StatusJson() {}

    /** Writes a list. */
    @FunctionalInterface
    private interface Each<T> {
        void write(JsonGenerator json, T value) throws IOException;
    }

    static void write(JsonGenerator json, Look look) throws IOException {
        json.writeStartObject();
        json.writeStringField("at", look.at().toString());
        Optional<Long> written = look.leader().map(ServerState::position);
        json.writeArrayFieldStart("servers");
        for (ServerLook way : look.ways()) {
            write(json, way, written);
        }
        json.writeEndArray();
        list(json, "standbys", look.leader().flatMap(leader -> leader.standbys().known()), StatusJson::write);
        list(json, "slots", look.leader().flatMap(leader -> leader.slots().known()), StatusJson::write);
        writePoolers(json, look.poolers());
        Optional<Look.Data> data = look.data();
        json.writeFieldName("schema");
        write(json, data.flatMap(all -> all.schema().known()));
        list(json, "partitions", data.flatMap(all -> all.partitions().known()), StatusJson::write);
        list(json, "outbox", data.flatMap(all -> all.outbox().known()), OutboxCommands::write);
        json.writeArrayFieldStart("unknown");
        for (Fact.Unknown<?> unknown : look.unknowns().toList()) {
            json.writeStartObject();
            json.writeStringField("what", unknown.what());
            json.writeStringField("why", unknown.why());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    static void writePools(JsonGenerator json, List<PoolerLook> poolers) throws IOException {
        json.writeStartObject();
        writePoolers(json, poolers);
        json.writeEndObject();
    }

    private static void write(JsonGenerator json, Optional<SchemaStatus> schema) throws IOException {
        if (schema.isEmpty()) {
            json.writeNull();
            return;
        }
        json.writeStartObject();
        json.writeStringField("state", schema.get().fit().name());
        Json.optional(json, "version", schema.get().version());
        json.writeStringField("neededVersion", schema.get().needed());
        json.writeEndObject();
    }

    private static <T> void list(JsonGenerator json, String name, Optional<List<T>> values, Each<T> each)
            throws IOException {
        if (values.isEmpty()) {
            json.writeNullField(name);
            return;
        }
        json.writeArrayFieldStart(name);
        for (T value : values.get()) {
            each.write(json, value);
        }
        json.writeEndArray();
    }

    private static void write(JsonGenerator json, ServerLook way, Optional<Long> written) throws IOException {
        Optional<ServerState> state = way.state().known();
        json.writeStartObject();
        json.writeStringField("way", way.name());
        json.writeStringField("url", way.way().shown());
        json.writeBooleanField("answers", state.isPresent());
        Json.optional(json, "error", way.state().unknown().map(Fact.Unknown::why));
        Json.optional(json, "address", state.map(ServerState::address));
        Json.optional(json, "role", state.map(ServerState::role));
        Json.optional(json, "version", state.map(ServerState::version));
        Json.optional(json, "systemIdentifier", state.map(known -> Long.toUnsignedString(known.system())));
        Json.time(json, "startedAt", state.map(ServerState::startedAt));
        Json.millis(json, "clockAheadMillis", state.map(known -> known.clock().ahead()));
        Optional<Replay> replay = state.flatMap(ServerState::replay);
        Json.number(
                json,
                "behindBytes",
                replay.isEmpty()
                        ? Optional.empty()
                        : written.map(position ->
                                Math.max(0, position - state.orElseThrow().position())));
        Json.optional(
                json,
                "walReceiver",
                replay.flatMap(how -> how.receiver().known()).map(receiver -> receiver.orElse("none")));
        json.writeFieldName("replayPaused");
        if (replay.isPresent()) {
            json.writeBoolean(replay.get().paused());
        } else {
            json.writeNull();
        }
        json.writeEndObject();
    }

    private static void write(JsonGenerator json, Standby standby) throws IOException {
        json.writeStartObject();
        json.writeStringField("name", standby.name());
        json.writeStringField("address", standby.address());
        json.writeStringField("state", standby.state());
        json.writeStringField("sync", standby.sync());
        json.writeNumberField("behindBytes", standby.behindBytes());
        Json.millis(json, "replayLagMillis", standby.replayLag());
        Json.optional(json, "slot", standby.slot());
        json.writeEndObject();
    }

    private static void write(JsonGenerator json, Slot slot) throws IOException {
        json.writeStartObject();
        json.writeStringField("name", slot.name());
        json.writeStringField("type", slot.type());
        json.writeBooleanField("active", slot.active());
        json.writeNumberField("keptBytes", slot.keptBytes());
        json.writeStringField("walStatus", slot.walStatus());
        Json.number(json, "safeBytes", slot.safeBytes());
        json.writeEndObject();
    }

    private static void writePoolers(JsonGenerator json, List<PoolerLook> poolers) throws IOException {
        json.writeArrayFieldStart("poolers");
        for (PoolerLook pooler : poolers) {
            Optional<PoolerState> state = pooler.state().known();
            json.writeStartObject();
            json.writeStringField("address", pooler.way().address());
            json.writeStringField("serves", pooler.serves().name());
            json.writeBooleanField("answers", state.isPresent());
            Json.optional(json, "error", pooler.state().unknown().map(Fact.Unknown::why));
            Json.optional(json, "version", state.map(known -> known.version().toString()));
            list(json, "pools", state.map(PoolerState::pools), (out, pool) -> write(out, state.orElseThrow(), pool));
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private static void write(JsonGenerator json, PoolerState state, PoolerState.Pool pool) throws IOException {
        json.writeStartObject();
        json.writeStringField("database", pool.database());
        json.writeStringField("user", pool.user());
        json.writeStringField("mode", pool.mode());
        json.writeNumberField("clientsActive", pool.clientsActive());
        json.writeNumberField("clientsWaiting", pool.clientsWaiting());
        json.writeNumberField("longestWaitMillis", pool.longestWait().toMillis());
        json.writeNumberField("serversActive", pool.serversActive());
        json.writeNumberField("serversIdle", pool.serversIdle());
        json.writeNumberField("poolSize", state.poolSize(pool));
        json.writeEndObject();
    }

    private static void write(JsonGenerator json, PartitionStatistics each) throws IOException {
        json.writeStartObject();
        json.writeStringField("table", each.table());
        json.writeNumberField("partitions", each.partitions());
        Json.optional(json, "oldest", each.oldest());
        Json.optional(json, "newest", each.newest());
        json.writeNumberField("bytes", each.bytes());
        json.writeNumberField("estimatedRows", each.estimatedRows());
        Json.time(json, "writableUntil", each.writableUntil());
        json.writeNumberField("expired", each.expired());
        json.writeNumberField("detached", each.detached());
        json.writeNumberField("archived", each.archived());
        json.writeEndObject();
    }
}
