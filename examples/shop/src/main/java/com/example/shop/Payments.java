package com.example.shop;

/** Who takes the customers' money. Asked twice for the same order, it takes it once. */
@FunctionalInterface
public interface Payments {
    /** Whether the customer was charged. */
    boolean charge(String order, int cents);
}
