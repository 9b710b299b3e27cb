//! The dossier as one file to take away: readable pages, the content as it was hashed, every entry, and the sums of all of them.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write};

use serde::Serialize;
use sha2::{Digest as _, Sha256};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::app::App;
use crate::domain::id::CampaignId;
use crate::ledger::canonical::canonical;
use crate::service::log::export::{csv_of, piece};
use crate::service::log::{LogEntry, LogFilter, leaf_hash};
use crate::service::{Caller, ServiceError};

/// What the reader's language says.
#[derive(Debug, Clone)]
pub struct Texts {
    /// The dossier as a page of its own.
    pub page: String,
    /// How to verify what is in the archive.
    pub readme: String,
}

/// What a release's hash is of.
#[derive(Serialize)]
struct Bound<'a> {
    unit_id: crate::domain::id::UnitId,
    content: &'a crate::domain::content::CampaignContent,
}

/// An entry with the hash of its leaf.
#[derive(Serialize)]
struct Proven<'a> {
    #[serde(flatten)]
    entry: &'a LogEntry,
    leaf_hash: String,
}

fn disk(error: impl std::fmt::Display) -> ServiceError {
    ServiceError::Internal(format!("an archive: {error}"))
}

/// The archive in the making; it sums up each file as it is written.
struct Archive {
    zip: ZipWriter<File>,
    hash: Sha256,
    sums: String,
}

impl Archive {
    fn begin(&mut self, name: &str) -> Result<(), ServiceError> {
        let options = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated).large_file(true);
        self.zip.start_file(name, options).map_err(disk)?;
        self.hash = Sha256::new();
        Ok(())
    }
    fn write(&mut self, bytes: &[u8]) -> Result<(), ServiceError> {
        self.hash.update(bytes);
        self.zip.write_all(bytes).map_err(disk)
    }
    fn end(&mut self, name: &str) {
        let sum = hex::encode(std::mem::take(&mut self.hash).finalize());
        self.sums.push_str(&format!("{sum}  {name}\n"));
    }
    fn whole(&mut self, name: &str, bytes: &[u8]) -> Result<(), ServiceError> {
        self.begin(name)?;
        self.write(bytes)?;
        self.end(name);
        Ok(())
    }
    fn finish(mut self) -> Result<File, ServiceError> {
        let sums = std::mem::take(&mut self.sums);
        self.begin("SHA256SUMS")?;
        self.write(sums.as_bytes())?;
        let mut file = self.zip.finish().map_err(disk)?;
        file.seek(SeekFrom::Start(0)).map_err(disk)?;
        Ok(file)
    }
}

fn json_piece(spool: &mut impl Write, entries: &[LogEntry], is_first: bool) -> Result<(), ServiceError> {
    for (i, entry) in entries.iter().enumerate() {
        let line = serde_json::to_vec(&Proven { leaf_hash: leaf_hash(entry)?, entry }).map_err(disk)?;
        spool.write_all(if is_first && i == 0 { b"[\n" } else { b",\n" }).map_err(disk)?;
        spool.write_all(&line).map_err(disk)?;
    }
    Ok(())
}

/// Makes the archive in a file of its own, read from its beginning. Entries are read piece by piece: memory does not grow with them.
///
/// # Errors
/// As [`super::read`]; [`ServiceError::Internal`] where the disk fails.
pub async fn archive(app: &App, caller: &Caller, id: CampaignId, texts: Texts) -> Result<File, ServiceError> {
    let dossier = super::read(app, caller, id).await?;
    let bound = Bound { unit_id: dossier.campaign.unit_id, content: &dossier.campaign.content };
    let zip = ZipWriter::new(tempfile::tempfile().map_err(disk)?);
    let mut archive = Archive { zip, hash: Sha256::new(), sums: String::new() };
    archive.whole("README.txt", texts.readme.as_bytes())?;
    archive.whole("dossier.html", texts.page.as_bytes())?;
    archive.whole("content.json", &canonical(&bound).map_err(disk)?)?;
    // One reading gives both files the same entries: one goes into the archive, the other waits on the disk.
    let mut spool = io::BufWriter::new(tempfile::tempfile().map_err(disk)?);
    let filter = LogFilter { campaign: Some(id), ..LogFilter::default() };
    let mut after = None;
    let mut is_first = true;
    archive.begin("entries.csv")?;
    loop {
        let (entries, next) = piece(app, caller, filter.clone(), after).await?;
        archive.write(&csv_of(&entries, is_first).map_err(disk)?)?;
        json_piece(&mut spool, &entries, is_first)?;
        if is_first && entries.is_empty() {
            spool.write_all(b"[").map_err(disk)?;
        }
        is_first = false;
        match next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    archive.end("entries.csv");
    spool.write_all(b"\n]\n").map_err(disk)?;
    let spool = spool.into_inner().map_err(disk)?;
    let made = tokio::task::spawn_blocking(move || {
        archive.begin("entries.json")?;
        copy(spool, &mut archive)?;
        archive.end("entries.json");
        archive.finish()
    });
    made.await.map_err(disk)?
}

fn copy(mut spool: File, archive: &mut Archive) -> Result<(), ServiceError> {
    spool.seek(SeekFrom::Start(0)).map_err(disk)?;
    let mut piece = vec![0; 64 * 1024];
    loop {
        let count = spool.read(&mut piece).map_err(disk)?;
        match piece.get(..count) {
            Some(read) if count > 0 => archive.write(read)?,
            _ => return Ok(()),
        }
    }
}
