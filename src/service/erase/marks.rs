//! What is known of an address that comes back: that it was an erased person's, and that nothing, or no task, was to be sent to it.

use std::collections::{BTreeSet, HashMap};

use crate::app::App;
use crate::domain::suppression::{Silence, SuppressionReason, SuppressionScope};
use crate::domain::text_enum::TextEnum as _;
use crate::service::error::ServiceError;
use crate::store::address_mark::{self, ERASED};
use crate::store::{Conn, StoreError, Tx, suppression};

/// How many of these addresses are those of people who were erased.
///
/// # Errors
/// The database's failure.
pub fn came_back(app: &App, conn: &mut Conn, emails: &[&str]) -> Result<u64, StoreError> {
    if !address_mark::any(conn)? {
        return Ok(0);
    }
    let hashes: Vec<String> = emails.iter().map(|email| app.address_hashes.hash(email)).collect();
    let marked = address_mark::of(conn, &hashes)?.into_iter().filter(|row| row.mark == ERASED);
    Ok(marked.map(|row| row.address_hash).collect::<BTreeSet<_>>().len() as u64)
}

/// Puts back in force what had been suppressed for addresses that are on file again, and forgets their marks. Says how many of them were
/// those of people who had been erased: each is somebody new, who has agreed to nothing.
///
/// # Errors
/// The database's failure.
pub(in crate::service) fn revive(tx: &mut Tx<'_>, app: &App, emails: &[&str]) -> Result<u64, ServiceError> {
    if emails.is_empty() || !address_mark::any(tx.conn)? {
        return Ok(0);
    }
    let by_hash: HashMap<String, &str> = emails.iter().map(|email| (app.address_hashes.hash(email), *email)).collect();
    let hashes: Vec<String> = by_hash.keys().cloned().collect();
    let marks = address_mark::of(tx.conn, &hashes)?;
    let mut back = BTreeSet::new();
    for mark in &marks {
        let Some(email) = by_hash.get(&mark.address_hash) else { continue };
        if mark.mark == ERASED {
            back.insert(mark.address_hash.as_str());
            continue;
        }
        let scope = SuppressionScope::parse(&mark.mark).ok();
        let reason = SuppressionReason::parse(&mark.reason).ok();
        let silence = scope.and_then(|scope| Silence::of(scope, mark.campaign_id));
        if let Some((silence, reason)) = silence.zip(reason) {
            suppression::add(tx, email, silence, reason)?;
        }
    }
    address_mark::forget(tx, &marks.iter().map(|mark| mark.id).collect())?;
    Ok(back.len() as u64)
}
