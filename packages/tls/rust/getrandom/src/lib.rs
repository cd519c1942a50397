//! Randomness from the host: `random_get` of WASI preview 1.
#![no_std]

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Error;

impl core::fmt::Display for Error {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("the host gave no randomness")
    }
}

#[link(wasm_import_module = "wasi_snapshot_preview1")]
extern "C" {
    fn random_get(into: *mut u8, length: usize) -> u16;
}

pub fn getrandom(into: &mut [u8]) -> Result<(), Error> {
    // SAFETY: the host writes exactly `length` bytes from `into` on.
    match unsafe { random_get(into.as_mut_ptr(), into.len()) } {
        0 => Ok(()),
        _ => Err(Error),
    }
}
