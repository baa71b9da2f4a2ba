package io.sagaz.storage.postgres.internal.route;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LsnTest {
    private static final WalGeometry WAL = new WalGeometry(16 << 20, 8192);

    @Test
    void readsBothHalves() {
        assertThat(Lsn.parse("0/0")).isZero();
        assertThat(Lsn.parse("1/0")).isEqualTo(1L << 32);
        assertThat(Lsn.parse("16/B374D848")).isEqualTo(0x16B374D848L);
        assertThat(Lsn.parse("FFFFFFFF/FFFFFFFF")).isEqualTo(-1L);
    }

    @Test
    void anInsertPositionBehindAPageHeaderIsTheEndOfThePageBefore() {
        assertThat(Lsn.endOfLastRecord(Lsn.parse("0/40CC018"), WAL)).isEqualTo(Lsn.parse("0/40CC000"));
    }

    @Test
    void anInsertPositionBehindASegmentHeaderIsTheEndOfTheSegmentBefore() {
        assertThat(Lsn.endOfLastRecord(Lsn.parse("0/4000028"), WAL)).isEqualTo(Lsn.parse("0/4000000"));
    }

    @Test
    void anyOtherInsertPositionStandsAsItIs() {
        assertThat(Lsn.endOfLastRecord(Lsn.parse("0/40CC020"), WAL)).isEqualTo(Lsn.parse("0/40CC020"));
        assertThat(Lsn.endOfLastRecord(Lsn.parse("0/40CC000"), WAL)).isEqualTo(Lsn.parse("0/40CC000"));
    }
}
