//! One connection: bytes in, bytes out, and what it knows.

use crate::reason;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, Error, ProtocolVersion};
use std::io::{Read, Write};
use std::sync::Arc;

pub mod status {
    pub const HANDSHAKING: u32 = 1;
    /// There is ciphertext to take.
    pub const WANTS_WRITE: u32 = 2;
    /// close_notify has come: there is no plaintext after what can be read now.
    pub const PEER_CLOSED: u32 = 4;
    pub const FAILED: u32 = 8;
}

pub struct Connection {
    tls: ClientConnection,
    peer_closed: bool,
    failure: Option<Error>,
}

impl Connection {
    pub fn new(config: &Arc<ClientConfig>, name: &[u8], alpn: &[u8]) -> Option<Self> {
        let name = ServerName::try_from(std::str::from_utf8(name).ok()?.to_owned()).ok()?;
        let tls = ClientConnection::new_with_alpn(config.clone(), name, protocols(alpn)?).ok()?;
        Some(Self {
            tls,
            peer_closed: false,
            failure: None,
        })
    }

    /// Stops early when plaintext waits, so that no more than a record beyond rustls's own limit of it is ever held.
    pub fn feed(&mut self, bytes: &[u8]) -> usize {
        let mut rest = bytes;
        while !rest.is_empty() && self.failure.is_none() && !self.peer_closed {
            match self.tls.read_tls(&mut rest) {
                Ok(0) | Err(_) => break,
                Ok(_) => self.process(),
            }
        }
        bytes.len() - rest.len()
    }

    fn process(&mut self) {
        match self.tls.process_new_packets() {
            Ok(state) => self.peer_closed = state.peer_has_closed(),
            Err(error) => self.failure = Some(error),
        }
    }

    pub fn take(&mut self, into: &mut [u8]) -> usize {
        let length = into.len();
        let mut room = into;
        while self.tls.wants_write() && !room.is_empty() {
            self.tls.write_tls(&mut room).expect("memory takes it");
        }
        length - room.len()
    }

    pub fn read(&mut self, into: &mut [u8]) -> usize {
        let mut length = 0;
        while length < into.len() {
            match self.tls.reader().read(&mut into[length..]) {
                Ok(0) | Err(_) => break,
                Ok(more) => length += more,
            }
        }
        length
    }

    pub fn write(&mut self, bytes: &[u8]) -> usize {
        self.tls.writer().write(bytes).expect("memory takes it")
    }

    pub fn close(&mut self) {
        self.tls.send_close_notify();
    }

    pub fn status(&self) -> u32 {
        let bit = |set: bool, bit: u32| if set { bit } else { 0 };
        bit(self.tls.is_handshaking(), status::HANDSHAKING)
            | bit(self.tls.wants_write(), status::WANTS_WRITE)
            | bit(self.peer_closed, status::PEER_CLOSED)
            | bit(self.failure.is_some(), status::FAILED)
    }

    pub fn reason(&self) -> String {
        self.failure.as_ref().map(reason::of).unwrap_or_default()
    }

    pub fn agreed(&self) -> String {
        let Some(suite) = self.tls.negotiated_cipher_suite() else {
            return String::new();
        };
        let version = match self.tls.protocol_version() {
            Some(ProtocolVersion::TLSv1_3) => "TLS 1.3",
            _ => "TLS 1.2",
        };
        let suite = format!("{:?}", suite.suite()).replace("TLS13_", "TLS_");
        let alpn = self.tls.alpn_protocol().unwrap_or_default();
        format!("{version}\n{suite}\n{}", String::from_utf8_lossy(alpn))
    }

    pub fn certificate(&self, index: usize) -> &[u8] {
        let chain = self.tls.peer_certificates().unwrap_or_default();
        chain.get(index).map(AsRef::as_ref).unwrap_or_default()
    }
}

fn protocols(mut list: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut protocols = Vec::new();
    while let Some((&length, rest)) = list.split_first() {
        let (protocol, rest) = rest.split_at_checked(length.into())?;
        protocols.push(protocol.to_vec());
        list = rest;
    }
    Some(protocols)
}
