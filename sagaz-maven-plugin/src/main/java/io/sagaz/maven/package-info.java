/** The command line of Sagaz as a plugin of Maven. */
@org.jspecify.annotations.NullMarked
package io.sagaz.maven;
