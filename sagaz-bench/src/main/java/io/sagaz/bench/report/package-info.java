/** What a benchmark found, as a table, a JSON document, a page and a picture. All but writing files is pure. */
@org.jspecify.annotations.NullMarked
package io.sagaz.bench.report;
