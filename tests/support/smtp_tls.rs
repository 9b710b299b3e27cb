//! A certificate authority for one test, and the certificates that a scripted server shows.

use std::path::PathBuf;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use super::smtp_server::{Certificate, Encryption};

/// The server's side of TLS.
pub struct TestTls {
    directory: tempfile::TempDir,
    pub acceptor: Option<TlsAcceptor>,
}

impl TestTls {
    pub fn new(encryption: Encryption) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let acceptor = match encryption {
            Encryption::None => None,
            Encryption::StartTls(certificate) | Encryption::Implicit(certificate) => {
                let (pem, acceptor) = acceptor(certificate);
                std::fs::write(directory.path().join("ca.pem"), pem).unwrap();
                Some(acceptor)
            }
        };
        Self { directory, acceptor }
    }

    pub fn ca_file(&self) -> PathBuf {
        self.directory.path().join("ca.pem")
    }
}

/// `ca.pem`, `cert.pem` and `key.pem` for a server of others.
pub fn pem_files(certificate: Certificate) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let (authority, shown, key) = issued(certificate);
    for (name, text) in [("ca.pem", authority), ("cert.pem", shown.pem()), ("key.pem", key.serialize_pem())] {
        std::fs::write(directory.path().join(name), text).unwrap();
    }
    directory
}

fn acceptor(certificate: Certificate) -> (String, TlsAcceptor) {
    let (pem, shown, key) = issued(certificate);
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![shown.der().clone()], key)
        .unwrap();
    (pem, TlsAcceptor::from(Arc::new(config)))
}

/// The authority in PEM, the certificate and its key.
fn issued(certificate: Certificate) -> (String, rcgen::Certificate, KeyPair) {
    let authority_key = KeyPair::generate().unwrap();
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let pem = authority.self_signed(&authority_key).unwrap().pem();
    let issuer = Issuer::new(authority, authority_key);
    let names = match certificate {
        Certificate::OtherName => vec!["other.example.org".to_owned()],
        Certificate::Good | Certificate::SelfSigned => vec!["localhost".to_owned(), "127.0.0.1".to_owned()],
    };
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(names).unwrap();
    let shown = match certificate {
        Certificate::SelfSigned => params.self_signed(&key).unwrap(),
        Certificate::Good | Certificate::OtherName => params.signed_by(&key, &issuer).unwrap(),
    };
    (pem, shown, key)
}
