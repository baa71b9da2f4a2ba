package io.sagaz.testkit;

import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** A JVM that runs test classes and writes down what became of their tests: a file for that, and the names of classes. */
final class SuiteMain {
    private SuiteMain() {}

    public static void main(String[] arguments) throws IOException {
        Results results = new Results();
        LauncherFactory.create()
                .execute(
                        LauncherDiscoveryRequestBuilder.request()
                                .selectors(Stream.of(arguments)
                                        .skip(1)
                                        .map(DiscoverySelectors::selectClass)
                                        .toList())
                                .build(),
                        results);
        try (ObjectOutputStream out = new ObjectOutputStream(Files.newOutputStream(Path.of(arguments[0])))) {
            out.writeObject(results.all.toArray(new SuiteResult[0]));
        }
    }

    private static final class Results implements TestExecutionListener {
        private final List<SuiteResult> all = new ArrayList<>();

        @Override
        public void executionStarted(TestIdentifier test) {
            if (test.isTest()) {
                System.out.println("== " + name(test));
            }
        }

        @Override
        public void executionSkipped(TestIdentifier test, String reason) {
            all.add(new SuiteResult(name(test), SuiteResult.Ending.SKIPPED, reason));
        }

        @Override
        public void executionFinished(TestIdentifier test, TestExecutionResult result) {
            SuiteResult.Ending ending = switch (result.getStatus()) {
                case SUCCESSFUL -> SuiteResult.Ending.SUCCEEDED;
                case ABORTED -> SuiteResult.Ending.SKIPPED;
                case FAILED -> SuiteResult.Ending.FAILED;
            };
            if (test.isTest() || ending != SuiteResult.Ending.SUCCEEDED) {
                all.add(new SuiteResult(
                        name(test),
                        ending,
                        result.getThrowable().map(SuiteMain::trace).orElse("")));
            }
        }

        private static String name(TestIdentifier test) {
            return test.getSource()
                    .filter(MethodSource.class::isInstance)
                    .map(MethodSource.class::cast)
                    .map(method -> method.getJavaClass().getSimpleName() + "." + test.getDisplayName())
                    .orElse(test.getDisplayName());
        }
    }

    private static String trace(Throwable throwable) {
        StringWriter text = new StringWriter();
        throwable.printStackTrace(new PrintWriter(text));
        return text.toString();
    }
}
