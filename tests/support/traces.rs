//! Looking for words of a person: in every row, and in every octet of the files.

use std::path::{Path, PathBuf};

use super::dump::dump;
use super::world::World;

/// Rows of every table that hold one of these words (in lower case), by table.
pub fn in_rows(world: &World, words: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for (table, rows) in dump(&world.app().db) {
        for row in rows {
            // SQLite's quote() gives octets in hexadecimal digits.
            let text = row.to_lowercase();
            let hex = |word: &str| word.bytes().map(|octet| format!("{octet:02x}")).collect::<String>();
            if words.iter().any(|word| text.contains(word) || text.contains(&hex(word))) {
                found.push(format!("{table}: {row}"));
            }
        }
    }
    found
}

/// Files that hold one of these words: the database's own and everything else in its directory and the data directory.
pub fn in_files(world: &World, words: &[&str]) -> Vec<String> {
    let mut dirs = vec![world.test.dir.path().to_path_buf()];
    if let gaung::store::db::Place::Sqlite(path) = world.app().db.place() {
        dirs.push(path.parent().expect("a directory").to_path_buf());
    }
    dirs.iter().flat_map(|dir| below(dir, words)).collect()
}

/// Files in and below a directory that hold one of these words.
pub fn below(dir: &Path, words: &[&str]) -> Vec<String> {
    let (mut dirs, mut found) = (vec![PathBuf::from(dir)], Vec::new());
    while let Some(dir) = dirs.pop() {
        for entry in std::fs::read_dir(dir).expect("a directory") {
            let path = entry.expect("a file").path();
            if path.is_dir() {
                dirs.push(path);
                continue;
            }
            let octets = match std::fs::read(&path) {
                // A running server takes files away while it is looked through.
                Err(gone) if gone.kind() == std::io::ErrorKind::NotFound => continue,
                read => read.expect("a file"),
            };
            found.extend(words_in(&octets, words).into_iter().map(|word| format!("{word} in {}", path.display())));
        }
    }
    found
}

/// Which of these words (in lower case) stand in these octets.
pub fn words_in(octets: &[u8], words: &[&str]) -> Vec<String> {
    let octets = octets.to_ascii_lowercase();
    let holds = |word: &str| octets.windows(word.len()).any(|window| window == word.as_bytes());
    words.iter().filter(|word| holds(word)).map(|word| (*word).to_owned()).collect()
}
