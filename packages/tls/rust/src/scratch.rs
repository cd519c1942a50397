//! The buffer through which all bytes pass.

use std::cell::UnsafeCell;

/// No less than the longest handshake message that rustls takes, so that each certificate fits.
pub const LENGTH: usize = 65_536;

struct Scratch(UnsafeCell<[u8; LENGTH]>);

// SAFETY: WebAssembly without threads.
unsafe impl Sync for Scratch {}

static SCRATCH: Scratch = Scratch(UnsafeCell::new([0; LENGTH]));

pub fn address() -> *mut u8 {
    SCRATCH.0.get().cast()
}

pub fn all() -> &'static mut [u8] {
    // SAFETY: each call from the host borrows it once, and one call runs at a time.
    unsafe { &mut *SCRATCH.0.get() }
}

pub fn bytes(length: usize) -> &'static [u8] {
    &all()[..length]
}

pub fn put(bytes: &[u8]) -> usize {
    all()[..bytes.len()].copy_from_slice(bytes);
    bytes.len()
}
