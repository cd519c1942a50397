#!/bin/sh
# Writes mozilla.pem anew: Mozilla's list of issuers trusted for sites, as the newest NSS in Debian has it, read with NSS's own tools.
# Debian's ca-certificates is made from the same list, months later. DEBIAN_MIRROR: another mirror than the machine's.
set -eu
export LC_ALL=C

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fetch() {
  mirror=${DEBIAN_MIRROR:-$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Label: Debian' | head -n 1)}
  mkdir -p "$work/lists/partial" "$work/cache/archives/partial"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror sid main" > "$work/sources.list"
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
  APT_CONFIG="$work/apt.conf" apt-get -q download libnss3 libnss3-tools libnspr4 libsqlite3-0 zlib1g libc6
}

# With the libraries it was built for: those of this machine may be older.
nss() {
  tool=$1
  shift
  "$(find "$work/x/usr/lib" -name 'ld-linux*' -type f | head -n 1)" --library-path "$(dirname "$module")" "$work/x/usr/bin/$tool" "$@"
}

fetch
for package in "$work"/*.deb; do dpkg-deb -x "$package" "$work/x"; done
module=$(find "$work/x/usr/lib" -name libnssckbi.so)
list=$(strings -a "$module" | sed -n 's/^Version: NSS Builtin Trusted Root CAs //p')
version=$(dpkg-deb -f "$work"/libnss3_*.deb Version)
changed=$(zcat "$work/x/usr/share/doc/libnss3/changelog.Debian.gz" | sed -n 's/^ -- .*>  //p' | head -n 1)
db="sql:$work/db"
mkdir "$work/db"
nss certutil -N -d "$db" --empty-password
nss modutil -force -dbdir "$db" -add roots -libfile "$module"
# The first of three marks is for sites: C is whose issuers' certificates are trusted.
nss certutil -L -d "$db" -h all | sed -n -E 's/ +[A-Za-z]*C[A-Za-z]*,[A-Za-z]*,[A-Za-z]* *$//p' | sort > "$work/names"

{
  cat <<END
# Issuers that Mozilla trusts to certify sites: its list $list, as in Debian's nss $version. Written by update.sh.
# Mozilla's data is under the Mozilla Public License 2.0, https://mozilla.org/MPL/2.0/.
# date: $(date -u -d "$changed" +%F)
END
  while read -r name; do
    printf '\n# %s\n' "${name#Builtin Object Token:}"
    nss certutil -L -d "$db" -n "$name" -a | tr -d '\r'
  done < "$work/names"
} > "$work/mozilla.pem"
count=$(grep -c 'BEGIN CERTIFICATE' "$work/mozilla.pem")
[ "$count" -ge 100 ]
cp "$work/mozilla.pem" "$here/mozilla.pem"
echo "$count issuers, $list of $changed"
