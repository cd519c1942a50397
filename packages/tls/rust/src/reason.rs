//! Names for what went wrong, which the host turns into sentences: a word, and for some a detail after a space.
//! Names and contents of certificates stay out: what the host makes of this may be logged.

use rustls::{CertificateError, Error, PeerIncompatible, PeerMisbehaved};

pub fn of(error: &Error) -> String {
    match error {
        Error::InvalidCertificate(error) => certificate(error),
        Error::NoCertificatesPresented => "no-certificate".into(),
        Error::DecryptError => "altered".into(),
        Error::AlertReceived(alert) => format!("alert {}", u8::from(*alert)),
        Error::PeerIncompatible(reason) => incompatible(reason),
        Error::PeerMisbehaved(reason) => misbehaved(reason),
        Error::InappropriateMessage { .. } | Error::InappropriateHandshakeMessage { .. } => "out-of-turn".into(),
        Error::InvalidMessage(reason) => format!("malformed {reason:?}"),
        Error::PeerSentOversizedRecord => "malformed OversizedRecord".into(),
        other => format!("internal {other:?}"),
    }
}

fn certificate(error: &CertificateError) -> String {
    use CertificateError::*;
    match error {
        ExpiredContext { not_after, .. } => format!("expired {}", not_after.as_secs()),
        NotValidYetContext { not_before, .. } => format!("not-yet-valid {}", not_before.as_secs()),
        Expired => "expired".into(),
        NotValidYet => "not-yet-valid".into(),
        NotValidForName | NotValidForNameContext { .. } => "wrong-name".into(),
        InvalidPurpose | InvalidPurposeContext { .. } => "wrong-purpose".into(),
        UnknownIssuer => "unknown-issuer".into(),
        BadSignature => "bad-signature".into(),
        BadEncoding => "bad-encoding".into(),
        UnhandledCriticalExtension => "unknown-extension".into(),
        UnsupportedSignatureAlgorithmContext { .. } | UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
            "unsupported-signature".into()
        }
        // What webpki says that rustls has no name for, as webpki names it.
        Other(other) => format!("certificate {:?}", other.0),
        other => format!("certificate {other:?}"),
    }
}

fn incompatible(reason: &PeerIncompatible) -> String {
    use PeerIncompatible::*;
    match reason {
        ServerDoesNotSupportTls12Or13 | ServerTlsVersionIsDisabledByOurConfig => "old-version".into(),
        other => format!("incompatible {other:?}"),
    }
}

fn misbehaved(reason: &PeerMisbehaved) -> String {
    match reason {
        PeerMisbehaved::AttemptedDowngradeToTls12WhenTls13IsSupported => "downgrade".into(),
        other => format!("misbehaved {other:?}"),
    }
}
