package io.sagaz.cli.demo;

import io.sagaz.storage.SagaChange;
import io.sagaz.storage.SagaStatus;
import io.sagaz.storage.StepStatus;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Everything the database must say about an order at one version of its saga.
 *
 * @param version the version of the saga, which is the number of transactions so far
 * @param saga the status of the saga
 * @param steps the status of each step, in their order
 * @param status the status of the business row
 * @param reserved whether the goods are kept for the order
 * @param charges how often the customer has paid
 * @param refunds how often the customer was paid back
 * @param events the types of the events, in their order
 */
record OrderState(
        int version,
        SagaStatus saga,
        Map<String, StepStatus> steps,
        Milestone status,
        boolean reserved,
        int charges,
        int refunds,
        List<String> events) {

    /** The names of the steps of every order. */
    static final List<String> STEPS = List.of("reserve", "charge", "ship");

    OrderState {
        steps = Collections.unmodifiableMap(new LinkedHashMap<>(steps));
        events = List.copyOf(events);
    }

    /** The states after one, two, … of the milestones, the first of which is {@link Milestone#PLACED}. */
    static List<OrderState> along(List<Milestone> milestones) {
        List<OrderState> states = new ArrayList<>();
        OrderState state = placed();
        states.add(state);
        for (Milestone milestone : milestones.subList(1, milestones.size())) {
            state = state.then(milestone);
            states.add(state);
        }
        return List.copyOf(states);
    }

    private static OrderState placed() {
        Map<String, StepStatus> steps = new LinkedHashMap<>();
        STEPS.forEach(step -> steps.put(step, StepStatus.PENDING));
        return new OrderState(
                1, SagaStatus.PENDING, steps, Milestone.PLACED, false, 0, 0, List.of(Milestone.PLACED.eventType()));
    }

    private OrderState then(Milestone milestone) {
        Map<String, StepStatus> nextSteps = new LinkedHashMap<>(steps);
        milestone
                .change()
                .map(SagaChange::steps)
                .orElse(List.of())
                .forEach(step -> nextSteps.put(step.name(), step.status()));
        List<String> nextEvents = new ArrayList<>(events);
        nextEvents.add(milestone.eventType());
        return new OrderState(
                version + 1,
                milestone.change().flatMap(SagaChange::status).orElse(saga),
                nextSteps,
                milestone,
                milestone == Milestone.RESERVED || (reserved && milestone != Milestone.CANCELLED),
                charges + (milestone == Milestone.CHARGED ? 1 : 0),
                refunds + (milestone == Milestone.REFUNDED ? 1 : 0),
                nextEvents);
    }
}
