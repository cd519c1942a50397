#!/bin/sh
# Writes mozilla.pem anew: Mozilla's list of issuers trusted for sites, as Debian's newest ca-certificates has it.
#
#   update.sh            fetches the package from the machine's Debian mirror, or DEBIAN_MIRROR
#   update.sh FILE.deb   takes this package
set -eu
export LC_ALL=C

here=$(cd "$(dirname "$0")" && pwd)
release=forky
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fetch() {
  mirror=${DEBIAN_MIRROR:-$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Label: Debian' | head -n 1)}
  mkdir -p "$work/lists/partial" "$work/cache/archives/partial"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $release main" > "$work/sources.list"
  cat > "$work/apt.conf" <<END
Dir::Etc::SourceList "$work/sources.list";
Dir::Etc::SourceParts "/dev/null";
Dir::State::Lists "$work/lists";
Dir::Cache "$work/cache";
APT::Sandbox::User "root";
END
  cd "$work"
  # A mirror that is behind says so in the date of the list, which the app shows.
  APT_CONFIG="$work/apt.conf" apt-get -q -o Acquire::Check-Valid-Until=false update
  APT_CONFIG="$work/apt.conf" apt-get -q download ca-certificates
}

if [ $# -gt 0 ]; then cp "$1" "$work/ca-certificates.deb"; else fetch; fi
dpkg-deb -x "$work"/ca-certificates*.deb "$work/x"
version=$(dpkg-deb -f "$work"/ca-certificates*.deb Version)
date=$(echo "$version" | sed -E 's/^([0-9]{4})([0-9]{2})([0-9]{2}).*/\1-\2-\3/')

{
  cat <<END
# Issuers that Mozilla trusts to certify sites, as in Debian's ca-certificates $version. Written by update.sh.
# Mozilla's data is under the Mozilla Public License 2.0, https://mozilla.org/MPL/2.0/.
# date: $date
END
  for file in "$work"/x/usr/share/ca-certificates/mozilla/*.crt; do
    printf '\n# %s\n' "$(basename "$file" .crt | tr _ ' ')"
    cat "$file"
  done
} > "$here/mozilla.pem"
grep -c 'BEGIN CERTIFICATE' "$here/mozilla.pem"
