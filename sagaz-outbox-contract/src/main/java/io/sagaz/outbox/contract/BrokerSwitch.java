package io.sagaz.outbox.contract;

/** Takes the broker of a test down and brings it back, at the same address and with what it had stored. */
public interface BrokerSwitch {
    /** Ends the broker, as abruptly as can be. Returns when it is gone. */
    void takeDown();

    /** Starts it again, or lets it go on. Returns when it takes events. */
    void bringBack();
}
