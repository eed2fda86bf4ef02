#!/bin/sh
# Install the servers that the tests talk to, where this machine lets us; else say what is missing.
# Nothing is started: each test starts its own, on its own ports, and stops it.
# With MAILPROC_TEST_REQUIRE_SERVERS=1 (CI) a missing one is an error; else its tests are skipped.
set -eu
PATH=$PATH:/usr/sbin:/usr/local/sbin

packages=
need() { # PROGRAM PACKAGE...
    program=$1
    shift
    command -v "$program" >/dev/null 2>&1 || packages="$packages $*"
}
need dovecot dovecot-imapd dovecot-lmtpd
need openssl openssl
need strace strace
need systemd-analyze systemd
# Debian keeps PostgreSQL's programs off the PATH, a folder for each version.
if ! command -v initdb >/dev/null 2>&1 && ! ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; then
    packages="$packages postgresql"
fi
# Dovecot comes in parts: the program may be there without the part that takes mail.
if command -v dovecot >/dev/null 2>&1 && [ ! -e /usr/lib/dovecot/lmtp ] && [ ! -e /usr/libexec/dovecot/lmtp ]; then
    packages="$packages dovecot-lmtpd"
fi
# One that lays out letters; on its own, for Ubuntu has it as a snap only. The fonts are wide: what fits in them fits.
browser=
command -v chromium >/dev/null 2>&1 || browser="chromium fonts-dejavu-core"
[ -n "$packages$browser" ] || exit 0

as_root=
if [ "$(id -u)" != 0 ]; then
    as_root="sudo -n"
    sudo -n true >/dev/null 2>&1 || as_root=no
fi
if [ "$as_root" = no ] || ! command -v apt-get >/dev/null 2>&1; then
    echo "Some tests need programs that are not here and that I may not install. Please install:" >&2
    echo "   $packages $browser   (names of Debian packages)" >&2
    [ "${MAILPROC_TEST_REQUIRE_SERVERS:-}" = 1 ] && exit 1
    echo "Until then those tests are skipped." >&2
    exit 0
fi

# Debian starts a server when it is installed, unless this file forbids it (invoke-rc.d(8)).
policy=/usr/sbin/policy-rc.d
ours=no
finish() {
    [ "$ours" = no ] || $as_root rm -f "$policy"
}
trap finish EXIT
if [ ! -e "$policy" ]; then
    ours=yes
    printf '#!/bin/sh\nexit 101\n' | $as_root tee "$policy" >/dev/null
    $as_root chmod 755 "$policy"
fi
install() {
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" </dev/null
}
fetch() {
    [ $# != 0 ] || return 0
    echo "Installing for the tests: $*"
    install "$@" >/dev/null 2>&1 || { $as_root apt-get update -q </dev/null && install "$@"; } || {
        echo "apt-get could not install $*" >&2
        [ "${MAILPROC_TEST_REQUIRE_SERVERS:-}" = 1 ] && exit 1
        echo "The tests that need them are skipped." >&2
    }
}
# shellcheck disable=SC2086 # several words each
fetch $packages
# shellcheck disable=SC2086
fetch $browser
