package com.example.shop;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What customers have; and what each order took from them, which it takes once. */
final class Purse implements Payments {
    private final Map<String, Integer> charged = new ConcurrentHashMap<>();
    private final int most;

    Purse(int most) {
        this.most = most;
    }

    @Override
    public boolean charge(String order, int cents) {
        return cents <= most && charged.computeIfAbsent(order, number -> cents) == cents;
    }

    int charged(String order) {
        return charged.getOrDefault(order, 0);
    }
}
