//! rustls behind a C interface for one host, `../src/wasm/rustls.ts`, which is the only caller and keeps its rules:
//! a pointer comes from here, is used until it is given back, and is given back once. Nothing runs concurrently.
//! Bytes go in and out through one scratch buffer; what a call leaves there holds until the next call.

mod client;
mod connection;
mod reason;
mod scratch;

use client::{Client, Roots};
use connection::Connection;

#[no_mangle]
pub extern "C" fn scratch_address() -> *mut u8 {
    scratch::address()
}

#[no_mangle]
pub extern "C" fn scratch_length() -> usize {
    scratch::LENGTH
}

#[no_mangle]
pub extern "C" fn roots_new() -> *mut Roots {
    into_raw(Roots::empty())
}

/// Adds the DER certificate in scratch. Returns whether it can be a root.
#[no_mangle]
pub extern "C" fn roots_add(roots: *mut Roots, length: usize) -> bool {
    let certificate = scratch::bytes(length).to_vec();
    borrow(roots).add(certificate.into()).is_ok()
}

/// Takes the roots.
#[no_mangle]
pub extern "C" fn client_new(roots: *mut Roots) -> *mut Client {
    into_raw(Client::new(from_raw(roots)))
}

#[no_mangle]
pub extern "C" fn client_free(client: *mut Client) {
    drop(from_raw(client));
}

/// Scratch: the server's name, then ALPN protocols as in RFC 7301 §3.1, each after its length in one byte.
/// `aes_256`: offers that alone. Returns null when the name is neither a host name nor an IP address.
#[no_mangle]
pub extern "C" fn connection_new(client: *mut Client, name: usize, alpn: usize, aes_256: bool) -> *mut Connection {
    let (name, alpn) = scratch::bytes(name + alpn).split_at(name);
    let client = borrow(client);
    let config = if aes_256 { &client.aes_256 } else { &client.usual };
    match Connection::new(config, name, alpn) {
        Some(connection) => into_raw(connection),
        None => std::ptr::null_mut(),
    }
}

#[no_mangle]
pub extern "C" fn connection_free(connection: *mut Connection) {
    drop(from_raw(connection));
}

/// Ciphertext from the network. Returns how much was taken; the rest after plaintext has been read.
#[no_mangle]
pub extern "C" fn connection_feed(connection: *mut Connection, length: usize) -> usize {
    borrow(connection).feed(scratch::bytes(length))
}

/// Ciphertext for the network, into scratch. Returns its length.
#[no_mangle]
pub extern "C" fn connection_take(connection: *mut Connection) -> usize {
    borrow(connection).take(scratch::all())
}

/// Plaintext from the site, into scratch. Returns its length.
#[no_mangle]
pub extern "C" fn connection_read(connection: *mut Connection) -> usize {
    borrow(connection).read(scratch::all())
}

/// Plaintext for the site. Returns how much was taken; the rest after ciphertext has been taken.
#[no_mangle]
pub extern "C" fn connection_write(connection: *mut Connection, length: usize) -> usize {
    borrow(connection).write(scratch::bytes(length))
}

/// Queues close_notify.
#[no_mangle]
pub extern "C" fn connection_close(connection: *mut Connection) {
    borrow(connection).close();
}

/// Bits of `connection::status`.
#[no_mangle]
pub extern "C" fn connection_status(connection: *mut Connection) -> u32 {
    borrow(connection).status()
}

/// Why it failed, in the words of `reason.rs`, into scratch. Returns the length; 0 if it has not.
#[no_mangle]
pub extern "C" fn connection_reason(connection: *mut Connection) -> usize {
    scratch::put(borrow(connection).reason().as_bytes())
}

/// What was agreed on, as lines: version, cipher suite, ALPN protocol. Returns the length; 0 while handshaking.
#[no_mangle]
pub extern "C" fn connection_agreed(connection: *mut Connection) -> usize {
    scratch::put(borrow(connection).agreed().as_bytes())
}

/// The certificate at this place of the chain, DER, into scratch. Returns its length; 0 after the last.
#[no_mangle]
pub extern "C" fn connection_certificate(connection: *mut Connection, index: usize) -> usize {
    scratch::put(borrow(connection).certificate(index))
}

fn into_raw<T>(value: T) -> *mut T {
    Box::into_raw(Box::new(value))
}

fn from_raw<T>(pointer: *mut T) -> T {
    assert!(!pointer.is_null());
    // SAFETY: the host gives back what `into_raw` gave it, once.
    *unsafe { Box::from_raw(pointer) }
}

fn borrow<'a, T>(pointer: *mut T) -> &'a mut T {
    // SAFETY: the host uses what `into_raw` gave it until it gives it back; one call runs at a time.
    unsafe { pointer.as_mut() }.expect("a pointer")
}
