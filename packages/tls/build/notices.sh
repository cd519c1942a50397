#!/bin/sh
# Runs inside the build system: the licences of what ends up in tls.wasm, as its authors wrote them.
set -eu

section() {
  printf '\n================ %s ================\n\n' "$1"
}

# A crate's notices as Debian records them, without those of Debian's own packaging, of which nothing ends up in the file.
crate() {
  section "$1 $2"
  awk 'BEGIN { RS = ""; ORS = "\n\n" } !/debian\/\*/ && !/License: GPL-3\+/' "/usr/share/doc/librust-$1-dev/copyright"
}

version() {
  dpkg-query -W -f '${Version}' "$1" 2>/dev/null || awk -v name="$1" '$2 == name { print $3 }' /build/packages.lock
}

echo "tls.wasm holds parts of the following. Where a choice of licences is given, MIT or ISC is taken."

for name in rustls rustls-webpki rustls-pki-types untrusted subtle zeroize once-cell cfg-if; do
  crate "$name" "$(version "librust-$name-dev")"
done

section "ring $(version librust-ring-dev)"
cd /usr/share/cargo/registry/ring-0.17.14
cat LICENSE LICENSE-other-bits LICENSE-BoringSSL src/polyfill/once_cell/LICENSE-MIT third_party/fiat/LICENSE

section "Rust's standard library $(version libstd-rust-dev-wasm32)"
cat <<'END'
Copyright (c) The Rust Project Contributors. Licensed MIT or Apache-2.0.

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation
files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy,
modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the
Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
END

section "wasi-libc $(version wasi-libc)"
awk 'BEGIN { RS = ""; ORS = "\n\n" } !/Files: debian/' /usr/share/doc/wasi-libc/copyright

section "Apache License 2.0"
cat /usr/share/common-licenses/Apache-2.0
