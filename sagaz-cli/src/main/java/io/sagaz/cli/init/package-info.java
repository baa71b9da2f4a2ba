/** {@code sagaz init}: makes the files of a deployment. Plans are pure; {@link io.sagaz.cli.init.Folder} writes them. */
@org.jspecify.annotations.NullMarked
package io.sagaz.cli.init;
