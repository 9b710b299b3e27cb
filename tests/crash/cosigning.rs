//! A witness that dies before and after it keeps what it cosigns, between a log and its fork: it never shows cosignatures of both.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use gaung::cli::Directory;
use gaung::ledger::checkpoint::Checkpoint;

use super::checker::Report;
use super::ground::Case;
use crate::ledger::sample::{Story, export, key};

/// Where the two histories part.
const FORK: usize = 400;
const SIZES: [usize; 5] = [300, 400, 450, 520, 600];

pub async fn witness(case: Case) -> Report {
    let mut dice = case.dice();
    let honest = Story::of(600).bytes();
    let mut other = honest.clone();
    other.swap(FORK, FORK + 50);
    let dir = tempfile::tempdir().expect("a directory");
    let place = |branch: usize, size: usize| dir.path().join(format!("{branch}-{size}"));
    for (branch, leaves) in [&honest, &other].into_iter().enumerate() {
        for size in SIZES {
            export(&Directory::create(&place(branch, size)).expect("a place"), &leaves[..size], &[]);
        }
    }
    let (began, mut struck) = (Instant::now(), 0);
    for _ in 0..case.size(3, 20) {
        let state = tempfile::tempdir().expect("a directory");
        let (mut known, mut taken): (Option<Checkpoint>, Option<usize>) = (None, None);
        for turn in 0..12 {
            let (branch, size) = (dice.below(2), SIZES[dice.below(SIZES.len())]);
            let fault = ["", "witness.before_keep=abort", "witness.kept=abort"][if turn == 0 { 0 } else { dice.below(3) }];
            let (code, said) = once(state.path(), &place(branch, size), fault);
            struck += u64::from(code.is_none());
            let now = kept(state.path());
            // What stands on the disk never goes back, never changes its history, and is there before the cosignature is shown.
            if let (Some(before), Some(now)) = (&known, &now) {
                assert!(now.size >= before.size, "from {} back to {}", before.size, now.size);
            }
            if let Some(now) = now.as_ref().filter(|now| Some(*now) != known.as_ref()) {
                let branches: Vec<usize> = (0..2).filter(|b| is_of(now, [&honest, &other][*b])).collect();
                assert!(!branches.is_empty(), "it kept what nobody showed it");
                if let [one] = branches[..] {
                    assert!(taken.is_none_or(|taken| taken == one), "it cosigned two histories");
                    taken = Some(one);
                }
            }
            if code == Some(0) {
                let now = now.as_ref().expect("what is shown is kept");
                assert_eq!((now.size, is_of(now, [&honest, &other][branch])), (size as u64, true), "{said}");
            } else {
                assert!(matches!(code, None | Some(2)), "{code:?}: {said}");
            }
            if fault == "witness.before_keep=abort" && code.is_none() {
                assert_eq!(now, known, "it died before it kept anything");
            }
            known = now;
        }
    }
    assert!(struck > 0, "it never died");
    Report { struck, recovered: began.elapsed(), ..Report::default() }
}

fn is_of(checkpoint: &Checkpoint, leaves: &[Vec<u8>]) -> bool {
    let size = usize::try_from(checkpoint.size).expect("small");
    crate::ledger::sample::signed(&leaves[..size]).text == checkpoint.text()
}

/// What the witness has on its disk.
fn kept(state: &Path) -> Option<Checkpoint> {
    let files = std::fs::read_dir(state).expect("its directory").map(|entry| entry.expect("a file").path());
    let path = files.into_iter().find(|path| path.extension().is_some_and(|ending| ending == "checkpoint"))?;
    Some(Checkpoint::parse(&std::fs::read(path).expect("a file")).expect("a whole checkpoint").0)
}

fn once(state: &Path, source: &Path, faults: &str) -> (Option<i32>, String) {
    let ended = Command::new(env!("CARGO_BIN_EXE_gaung"))
        .args(["ledger", "witness", "--name", "auditor.example/w", "--vkey", &key().key().to_string(), "--state"])
        .args([state, Path::new("--once"), source])
        .env_clear()
        .env("GAUNG_FAULTS", faults)
        .output()
        .expect("it runs");
    (ended.status.code(), String::from_utf8_lossy(&[ended.stdout, ended.stderr].concat()).into_owned())
}
