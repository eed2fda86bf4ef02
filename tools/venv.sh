#!/bin/sh
# Make a virtual environment with the first Python that is new enough, or say what is missing.
# Usage: venv.sh FOLDER [PYTHON]
set -eu
folder=$1
chosen=${2:-}

new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

if [ -n "$chosen" ] && ! new_enough "$chosen"; then
    echo "PYTHON=$chosen is no Python 3.11 or newer." >&2
    exit 1
fi
for name in python3 python3.14 python3.13 python3.12 python3.11; do
    if [ -z "$chosen" ] && new_enough "$name"; then
        chosen=$name
    fi
done
if [ -z "$chosen" ]; then
    echo "mailproc needs Python 3.11 or newer, and neither python3 nor python3.11 to python3.14 is one." >&2
    echo "Install one (Debian 12 and Ubuntu 24.04 or later: apt-get install python3 python3-venv)," >&2
    echo "or name one: make PYTHON=/path/to/python3.12 ..." >&2
    exit 1
fi
version=$("$chosen" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
if ! "$chosen" -c 'import venv, ensurepip' >/dev/null 2>&1; then
    echo "Python $version is here, but can't make virtual environments." >&2
    echo "On Debian and Ubuntu: apt-get install python3-venv   (or python$version-venv)" >&2
    exit 1
fi
echo "Virtual environment in $folder with Python $version"
"$chosen" -m venv --clear "$folder" || {
    rm -rf "$folder"
    exit 1
}
