# Builds one module of this checkout when that is needed, and runs its jar. Sourced by ./sagaz and ./bench, which have set
# $root to the checkout. For bash 3.2 and later (macOS).

# Modules that are run and that no other is made from: a change to one leaves the other's jar fresh.
programs='sagaz-cli sagaz-bench'

say() { printf '%s\n' "$*" >&2; }

# The major version of a java program; nothing if it does not run.
major_of() {
  "$1" -version 2>&1 | sed -n 's/.* version "\(1\.\)\{0,1\}\([0-9]*\).*/\2/p' | head -n 1
}

find_java() {
  local candidate major seen=''
  for candidate in "${JAVA_HOME:+$JAVA_HOME/bin/java}" "$(command -v java || true)" \
    "$([ -x /usr/libexec/java_home ] && /usr/libexec/java_home -v 17+ 2>/dev/null | sed 's|$|/bin/java|' || true)" \
    /usr/lib/jvm/*/bin/java; do
    [ -n "$candidate" ] && [ -x "$candidate" ] || continue
    major=$(major_of "$candidate")
    [ -n "$major" ] || continue
    if [ "$major" -ge 17 ]; then
      java=$candidate
      return
    fi
    seen="$seen $candidate is $major;"
  done
  say "Sagaz needs a JDK, version 17 or newer.${seen:+ Found:${seen%;}.}"
  say 'Install one (Debian, Ubuntu: apt-get install openjdk-17-jdk-headless; macOS: brew install openjdk@17) or set JAVA_HOME.'
  exit 1
}

# Prints a file that is newer than the jar and that it is made from, if there is one.
newer_source() {
  local dir others
  others=" ${programs//$module/} "
  for dir in "$root"/sagaz-*; do
    case $others in
      *" ${dir##*/} "*) ;;
      *) find "$dir/pom.xml" "$dir/src/main" -newer "$1" -print 2>/dev/null || true ;;
    esac
  done | head -n 1
}

# The path of the jar if it is there and newer than everything it is made from.
fresh_jar() {
  local jar
  for jar in "$target"/$jar_name; do
    [ -f "$jar" ] || continue
    [ ! "$root/pom.xml" -nt "$jar" ] && [ -z "$(newer_source "$jar")" ] || continue
    printf '%s\n' "$jar"
    return
  done
  return 1
}

build() {
  local first='' home jar
  home=$(dirname "$(dirname "$java")")
  if [ ! -x "$home/bin/javac" ]; then
    # java may be a link that leads into the JDK.
    home=$("$java" -XshowSettings:properties -version 2>&1 | sed -n 's/^ *java\.home = //p')
  fi
  if [ ! -x "$home/bin/javac" ]; then
    say "Building Sagaz takes a JDK, but $java is a run-time only: javac is missing in $home/bin."
    exit 1
  fi
  compgen -G "$target/$jar_name" >/dev/null || first=' (first run only)'
  say "Building Sagaz${first}…"
  # Maven leaves a jar alone whose content stays the same. So its age is set here: that of the sources it is made from.
  local began=$root/target/.sagaz-build-began
  : >"$began"
  # Maven's own words go to standard error: standard output belongs to the command.
  JAVA_HOME=$home "$root/mvnw" -f "$root/pom.xml" -pl "$module" -am package \
    -B -ntp -P unchecked -Done-jar.skip=true -Dmaven.test.skip=true -Dspotless.check.skip=true -Dstyle.color=never 2>&1 </dev/null |
    awk '
      { log_lines[NR % 60] = $0 }
      /^\[INFO\] Building Sagaz.*\[[0-9]+\/[0-9]+\]/ {
        sub(/^\[INFO\] Building /, ""); gsub(/ +/, " "); print "  " $0; fflush(); next }
      /^\[ERROR\]|BUILD FAILURE/ { failed = 1 }
      END { if (failed) for (i = NR - 59; i <= NR; i++) if (i > 0) print log_lines[i % 60] }' >&2 || {
    say "The build failed; Maven said the above. To see all of it: ./mvnw -pl $module -am package"
    exit 1
  }
  for jar in "$target"/$jar_name; do
    touch -r "$began" "$jar"
  done
}

# One build at a time: a second caller waits, and then finds the jar there.
build_once() {
  mkdir -p "$root/target"
  local lock=$root/target/.sagaz-build
  if command -v flock >/dev/null 2>&1; then
    exec 9>"$lock"
    if ! flock -n 9; then
      say 'Another ./sagaz or ./bench is building; waiting for it…'
      flock 9
    fi
    jar=$(fresh_jar) || build
    exec 9>&-
    return
  fi
  local told=''
  until mkdir "$lock.d" 2>/dev/null; do
    # Whoever made the lock and died without removing it does not hold it any more.
    local holder
    holder=$(cat "$lock.d/pid" 2>/dev/null || true)
    if [ -n "$holder" ] && ! kill -0 "$holder" 2>/dev/null; then
      rm -rf "$lock.d"
      continue
    fi
    [ -n "$told" ] || say 'Another ./sagaz or ./bench is building; waiting for it…'
    told=yes
    sleep 1
  done
  printf '%s\n' "$$" >"$lock.d/pid"
  trap 'rm -rf "$lock.d"' EXIT
  jar=$(fresh_jar) || build
  rm -rf "$lock.d"
  trap - EXIT
}

# launch MODULE ARGUMENT...: the arguments of java that come before -jar, then --, then those of the program.
launch() {
  local jvm
  module=$1
  shift
  target=$root/$module/target
  jar_name="$module-*.jar"
  jvm=()
  while [ "$1" != -- ]; do
    jvm+=("$1")
    shift
  done
  shift

  find_java
  if ! jar=$(fresh_jar); then
    build_once
    jar=$(fresh_jar) || {
      say "The build left no $target/$jar_name that is newer than the sources. Is the clock right?"
      exit 1
    }
  fi

  # exec: signals reach the JVM, which stops what it started.
  exec "$java" -XX:+UseSerialGC ${jvm[@]+"${jvm[@]}"} \
    -Dsagaz.testkit.install=true -Dsagaz.testkit.maven="$root/mvnw" \
    -jar "$jar" "$@"
}
