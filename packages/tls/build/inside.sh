#!/bin/sh
# The part of build.sh that runs inside the build system, in /build.
set -eu
cd /build
export DEBIAN_FRONTEND=noninteractive

locked() {
  awk -v release="$1" '$1 == release { print $2 "=" $3 }' /build/packages.lock
}

# How old a mirror's index is does not matter: versions and hashes are written down.
apt-get -q -o Acquire::Check-Valid-Until=false update
# shellcheck disable=SC2046 # one word each
apt-get -q install -y --no-install-recommends $(locked stable)

mkdir testing
(
  cd testing
  # shellcheck disable=SC2046
  apt-get -q -o APT::Sandbox::User=root download $(locked testing)
  awk '$1 == "testing" { version = $3; sub(/:/, "%3a", version); print $4 "  " $2 "_" version "_all.deb" }' /build/packages.lock | sha256sum -c -
  for package in *.deb; do dpkg-deb -x "$package" /; done
)

mkdir .cargo out
cat > .cargo/config.toml <<'END'
[source.crates-io]
replace-with = "debian"
[source.debian]
directory = "/usr/share/cargo/registry"
[net]
offline = true
END

export CC_wasm32_wasip1=clang-19 AR_wasm32_wasip1=llvm-ar-19
export CFLAGS_wasm32_wasip1="--sysroot=/usr -isystem /usr/include/wasm32-wasi -O3 -msimd128"
export CARGO_TARGET_WASM32_WASIP1_LINKER=wasm-ld-19
# The start file of a library: without it the linker has every call run what ends a program.
export RUSTFLAGS="-C target-feature=+simd128 -C link-arg=/usr/lib/wasm32-wasi/crt1-reactor.o"
(cd rust && cargo build --release --target wasm32-wasip1 --target-dir /build/target)

wasm-opt -O3 --enable-bulk-memory --enable-sign-ext --enable-mutable-globals --enable-nontrapping-float-to-int \
  --enable-reference-types --enable-multivalue --enable-simd \
  target/wasm32-wasip1/release/tls.wasm -o out/tls.wasm
sh notices.sh > out/NOTICES.txt
