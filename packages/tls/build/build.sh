#!/bin/sh
# Builds ../wasm/tls.wasm from ../rust in a Debian 13 of its own, made from the packages in packages.lock.
#
#   build.sh          writes ../wasm/tls.wasm, its hash and the notices of what is in it
#   build.sh --check  builds, writes nothing, and fails unless the committed file has the same bytes
#
# Needs root, debootstrap, 3 GB of room, and a Debian mirror: the machine's own unless DEBIAN_MIRROR names another.
# DEBIAN_ROOT keeps the system in a folder, to be used again.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
package=$(dirname "$here")
stable=trixie
testing=forky

own_mirror() {
  apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Label: Debian' | head -n 1
}

mirror=${DEBIAN_MIRROR:-$(own_mirror)}
[ -n "$mirror" ] || { echo "no Debian mirror: set DEBIAN_MIRROR" >&2; exit 1; }

# Outside the checkout: it is a whole system.
if [ -n "${DEBIAN_ROOT:-}" ]; then
  root=$DEBIAN_ROOT
else
  root=$(mktemp -d)
  trap 'rm -rf --one-file-system "$root"' EXIT
fi

if [ ! -e "$root/etc/debian_version" ]; then
  debootstrap --variant=minbase "$stable" "$root" "$mirror"
fi
echo "deb $mirror $testing main" > "$root/etc/apt/sources.list.d/testing.list"
# Nothing comes from testing unless it is asked for by name.
printf 'Package: *\nPin: release n=%s\nPin-Priority: -1\n' "$testing" > "$root/etc/apt/preferences.d/testing"

rm -rf "$root/build"
mkdir "$root/build"
cp -R "$package/rust" "$root/build/rust"
cp "$here/packages.lock" "$here/inside.sh" "$here/notices.sh" "$root/build/"
chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C HOME=/root sh /build/inside.sh

if [ "${1:-}" = --check ]; then
  cmp "$root/build/out/tls.wasm" "$package/wasm/tls.wasm"
  cmp "$root/build/out/NOTICES.txt" "$package/wasm/NOTICES.txt"
  echo "same bytes"
else
  mkdir -p "$package/wasm"
  cp "$root/build/out/tls.wasm" "$root/build/out/NOTICES.txt" "$package/wasm/"
  cd "$package/wasm"
  sha256sum tls.wasm > tls.wasm.sha256
  cat tls.wasm.sha256
fi
