//! Which certificate authorities are trusted, and the one way TLS is set up.

use std::path::Path;
use std::sync::Arc;

use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto};

use super::config::SmtpConfigError;

/// A connector that trusts the system's authorities and those of `ca_file`. Reads files: call it once, at start.
///
/// # Errors
/// [`SmtpConfigError::CaFile`], [`SmtpConfigError::NoRoots`], [`SmtpConfigError::Tls`].
pub fn connector(ca_file: Option<&Path>) -> Result<TlsConnector, SmtpConfigError> {
    let mut roots = RootCertStore::empty();
    // Some systems hold a few authorities that cannot be read; the others still count.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(path) = ca_file {
        add_file(&mut roots, path).map_err(|why| SmtpConfigError::CaFile { path: path.to_owned(), why })?;
    }
    if roots.is_empty() {
        return Err(SmtpConfigError::NoRoots);
    }
    // The provider is named, so that no other crate's choice of a process default can change or break this.
    let config = ClientConfig::builder_with_provider(Arc::new(crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|e| SmtpConfigError::Tls(e.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

fn add_file(roots: &mut RootCertStore, path: &Path) -> Result<(), String> {
    let mut found = 0_usize;
    for certificate in CertificateDer::pem_file_iter(path).map_err(|e| e.to_string())? {
        roots.add(certificate.map_err(|e| e.to_string())?).map_err(|e| e.to_string())?;
        found += 1;
    }
    if found == 0 { Err("it holds no PEM certificate".to_owned()) } else { Ok(()) }
}
