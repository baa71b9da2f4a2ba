-- Ids are UUIDv7 (RFC 9562): 48 bits of milliseconds since 1970, version 7, 74 random bits. What an id says about time
-- is what partitions and their pruning rest on, so these functions are exact to the millisecond. Their bodies are bound
-- when they are created and do not depend on search_path, TimeZone or DateStyle.

CREATE FUNCTION ${sagazSchema}.sagaz_uuid7_time(id uuid) RETURNS timestamptz
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN to_timestamp(('x0000' || substr(id::text, 1, 8) || substr(id::text, 10, 4))::bit(64)::bigint / 1000.0::float8)
        ::timestamptz(3);
COMMENT ON FUNCTION ${sagazSchema}.sagaz_uuid7_time(uuid) IS
    'The time that a UUIDv7 carries, to the millisecond. Does not look at the version: see sagaz_is_uuid7.';

-- For constraints. In PL/pgSQL, which a session compiles once: an expression, or a function in SQL, would be read and
-- planned anew by each statement that writes (decision 0009).
CREATE FUNCTION ${sagazSchema}.sagaz_uuid7_carries(id uuid, at timestamptz) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $function$
DECLARE
    v_text text := id::text;
BEGIN
    RETURN id IS NULL OR (substr(v_text, 15, 1) = '7' AND substr(v_text, 20, 1) IN ('8', '9', 'a', 'b')
        AND at = to_timestamp(('x0000' || substr(v_text, 1, 8) || substr(v_text, 10, 4))::bit(64)::bigint / 1000.0::float8)
            ::timestamptz(3));
END
$function$;
COMMENT ON FUNCTION ${sagazSchema}.sagaz_uuid7_carries(uuid, timestamptz) IS
    'Whether an id is a UUIDv7, by version and variant, and carries this very time.';

CREATE FUNCTION ${sagazSchema}.sagaz_uuid7_floor(at timestamptz) RETURNS uuid
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN (lpad(to_hex(least(greatest(floor(extract(epoch FROM at AT TIME ZONE 'UTC') * 1000), 0), 281474976710655)
        ::bigint), 12, '0') || '70008000000000000000')::uuid;
COMMENT ON FUNCTION ${sagazSchema}.sagaz_uuid7_floor(timestamptz) IS
    'The lowest UUIDv7 of the millisecond that contains the given time: saga_id >= sagaz_uuid7_floor(t) finds what has
     been made since. Times before 1970 give the lowest of all.';

CREATE FUNCTION ${sagazSchema}.sagaz_uuid7_ceiling(at timestamptz) RETURNS uuid
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN (substr(${sagazSchema}.sagaz_uuid7_floor(at)::text, 1, 15) || 'fff-bfff-ffffffffffff')::uuid;
COMMENT ON FUNCTION ${sagazSchema}.sagaz_uuid7_ceiling(timestamptz) IS
    'The highest UUIDv7 of the millisecond that contains the given time.';

CREATE FUNCTION ${sagazSchema}.sagaz_uuid7(at timestamptz) RETURNS uuid
    LANGUAGE sql VOLATILE STRICT PARALLEL SAFE
    RETURN (substr(${sagazSchema}.sagaz_uuid7_floor(at)::text, 1, 15) || substr(gen_random_uuid()::text, 16))::uuid;
COMMENT ON FUNCTION ${sagazSchema}.sagaz_uuid7(timestamptz) IS
    'A new UUIDv7 of the given time; sagaz_uuid7(now()) agrees with date_trunc(''milliseconds'', now()). Ids of the same
     millisecond are in no particular order.';
