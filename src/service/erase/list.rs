//! The list of erasures that is kept outside of the database: after a restore from a copy it says whom to erase again. A line is a
//! member's id, which says nothing about anybody, and the time.

use std::io::{BufRead, Read as _, Write as _};
use std::path::Path;

use chrono::SecondsFormat;

use crate::domain::id::MemberId;
use crate::store::erase::ErasureRow;

/// Why a list can't be used.
#[derive(Debug, thiserror::Error)]
pub enum ListFault {
    /// The disk's failure.
    #[error(transparent)]
    Disk(#[from] std::io::Error),
    /// A line that no erasure wrote.
    #[error("line {line} is no erasure: a line is a member's id, a blank, and a time")]
    Line {
        /// Which, counted from 1.
        line: usize,
    },
}

/// Whom a list names, in its order, each once.
///
/// # Errors
/// [`ListFault`] names the line.
pub fn read_list(list: impl BufRead) -> Result<Vec<MemberId>, ListFault> {
    let mut ids: Vec<MemberId> = Vec::new();
    for (at, line) in list.lines().enumerate() {
        let line = line?;
        let Some(first) = line.split_whitespace().next() else { continue };
        let id = first.parse().map_err(|_| ListFault::Line { line: at + 1 })?;
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    Ok(ids)
}

/// Adds erasures to the list, and waits until the disk has them. What a power cut left of a line goes first: whoever it named is not
/// marked as listed, and is named again.
pub(super) fn append(path: &Path, erasures: &[ErasureRow]) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.read(true).append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    let mut there = Vec::new();
    file.read_to_end(&mut there)?;
    let whole = there.iter().rposition(|octet| *octet == b'\n').map_or(0, |at| at + 1);
    if whole < there.len() {
        file.set_len(whole as u64)?;
    }
    let lines: String = erasures
        .iter()
        .map(|row| format!("{} {}\n", row.member_id, row.erased_at.0.to_rfc3339_opts(SecondsFormat::Secs, true)))
        .collect();
    file.write_all(lines.as_bytes())?;
    file.sync_all()?;
    // A name is on the disk when its directory is.
    match path.parent().filter(|_| there.is_empty()) {
        Some(dir) => std::fs::File::open(dir)?.sync_all(),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::store::types::At;

    #[test]
    fn what_is_appended_is_read_and_a_line_that_is_none_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("erasures.list");
        let row = |id| ErasureRow {
            member_id: id,
            erased_at: At(chrono::DateTime::UNIX_EPOCH),
            listed_at: None,
            swept_at: None,
            subject_ref: None,
        };
        let (one, other) = (MemberId::new(), MemberId::new());
        append(&path, &[row(one)]).unwrap();
        append(&path, &[row(other), row(one)]).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(read_list(text.as_bytes()).unwrap(), [one, other]);
        // Half a line, as a power cut leaves it.
        std::fs::write(&path, &text[..text.len() - 9]).unwrap();
        let third = MemberId::new();
        append(&path, &[row(third)]).unwrap();
        let cut = std::fs::read_to_string(&path).unwrap();
        assert_eq!(read_list(cut.as_bytes()).unwrap(), [one, other, third]);
        assert_eq!(cut.lines().count(), 3, "{cut}");
        assert!(matches!(read_list(format!("{text}nobody\n").as_bytes()), Err(ListFault::Line { line: 4 })));
    }
}
