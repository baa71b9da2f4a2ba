/**
 * What watches a Sagaz deployment, made from code: {@link io.sagaz.monitoring.MonitoringFiles} has the files. Nothing here does
 * anything but make text.
 */
@org.jspecify.annotations.NullMarked
package io.sagaz.monitoring;
