//! The commands as an auditor runs them: the real binary, its exit codes and words; Go's own code over the same export; a witness.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use gaung::cli::Directory;
use gaung::ledger::cosign::AddCheckpoint;
use gaung::ledger::export::{Place as _, Reader};
use gaung::ledger::note::{Note, VerifierKey};
use gaung::ledger::proof::Proof;
use gaung::ledger::tree::{consistency_proof, inclusion_proof};
use tempfile::TempDir;

use super::sample::{ORIGIN, Story, export, key, signed};

fn exported(leaves: &[Vec<u8>], steps: &[usize]) -> TempDir {
    let dir = TempDir::new().unwrap();
    export(&Directory::create(dir.path()).unwrap(), leaves, steps);
    dir
}

fn gaung(arguments: &[&str]) -> (Option<i32>, String) {
    let Output { status, stdout, stderr } =
        Command::new(env!("CARGO_BIN_EXE_gaung")).args(arguments).env_clear().output().unwrap();
    (status.code(), String::from_utf8_lossy(&[stdout, stderr].concat()).into_owned())
}

fn path(dir: &TempDir, name: &str) -> String {
    dir.path().join(name).display().to_string()
}

/// Runs `gaung ledger verify` over a directory with more arguments: the code, and words that must be said.
fn ends(dir: &Path, more: &[&str], code: i32, words: &str) {
    let dir = dir.display().to_string();
    let (found, said) = gaung(&[&["ledger", "verify", &dir][..], more].concat());
    assert!(found == Some(code) && said.contains(words), "{found:?} instead of {code} and {words:?}: {said}");
}

#[test]
fn verify_ends_with_the_code_that_it_promises() {
    let leaves = Story::of(600).bytes();
    let dir = exported(&leaves, &[300]);
    let (vkey, elsewhere) = (key().key().to_string(), TempDir::new().unwrap());
    let file = |name: &str, bytes: &[u8]| {
        std::fs::write(elsewhere.path().join(name), bytes).unwrap();
        path(&elsewhere, name)
    };
    ends(dir.path(), &[], 0, "No key was given");
    ends(dir.path(), &["--vkey", &vkey], 0, &format!("VALID: {ORIGIN}, 600 entries"));
    let kept = file("kept", &signed(&leaves[..450]).to_bytes());
    ends(dir.path(), &["--vkey", &vkey, "--checkpoint", &kept], 0, "fits: 450 entries");
    let (code, said) = gaung(&["ledger", "verify", &dir.path().display().to_string(), "--json"]);
    let report: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!((code, &report["verdict"], &report["size"], &report["older"]), (Some(0), &"valid".into(), &600.into(), &1.into()));
    assert_eq!(report["kinds"]["wave.opened"], 1);
    // 1: an entry was changed.
    let bundle = dir.path().join("tile/entries/001");
    let honest = std::fs::read(&bundle).unwrap();
    let mut changed = honest.clone();
    let half = changed.len() / 2;
    changed[half] ^= 1;
    std::fs::write(&bundle, &changed).unwrap();
    ends(dir.path(), &["--vkey", &vkey], 1, "the first entry that is wrong is 3");
    std::fs::remove_file(&bundle).unwrap();
    ends(dir.path(), &[], 1, "INVALID entry 256: it is cut off or missing");
    std::fs::write(&bundle, &honest).unwrap();
    ends(dir.path(), &[], 0, "VALID");
    // 2: another history.
    let mut other = leaves.clone();
    other.remove(400);
    let fork = exported(&other, &[]);
    ends(fork.path(), &["--vkey", &vkey, "--checkpoint", &kept], 2, "CONTRADICTS");
    let longer = file("longer", &signed(&leaves).to_bytes());
    ends(fork.path(), &["--checkpoint", &longer], 2, "the log had more entries then");
    // 3: nothing can be said.
    ends(Path::new("/nowhere"), &[], 3, "/nowhere");
    ends(elsewhere.path(), &[], 3, "checkpoint is missing");
    ends(dir.path(), &["--checkpoint", "/nowhere"], 3, "/nowhere");
    let garbled = file("garbled", b"not a checkpoint");
    ends(dir.path(), &["--checkpoint", &garbled], 3, "garbled");
    ends(dir.path(), &["--vkey", "wrong"], 3, "name+id+base64");
    ends(dir.path(), &["--wrong-flag"], 3, "--wrong-flag");
    assert_eq!(gaung(&["ledger", "wrong"]).0, Some(2));
}

#[test]
fn gos_own_code_reads_an_export_and_agrees() {
    let leaves = Story::of(700).bytes();
    let dir = exported(&leaves, &[1, 256, 300, 513]);
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ledger/go/main.go");
    let built = TempDir::new().unwrap();
    let program = built.path().join("reader");
    let build = Command::new("go")
        .args(["build", "-o"])
        .args([&program, &source])
        .env("GO111MODULE", "off")
        .env("GOPATH", "/usr/share/gocode")
        .env("GOCACHE", std::env::temp_dir().join("gaung-test-gocache"))
        .env("GOFLAGS", "")
        .output()
        .expect("go, from Debian's golang-go: scripts/test installs it");
    assert!(build.status.success(), "{}", String::from_utf8_lossy(&build.stderr));
    let reader = Reader::open(Directory::open(dir.path()).unwrap()).unwrap();
    let hashes = inclusion_proof(&reader, 431, 700).unwrap();
    let receipt = Proof { extra: None, index: 431, hashes, checkpoint: signed(&leaves) };
    std::fs::write(built.path().join("receipt"), receipt.to_bytes()).unwrap();
    let run = || {
        let ran = Command::new(&program).arg(dir.path()).arg(built.path().join("receipt")).output().unwrap();
        (ran.status.success(), String::from_utf8_lossy(&[ran.stdout, ran.stderr].concat()).into_owned())
    };
    let (agrees, said) = run();
    assert!(agrees && said.contains("700 entries, 4 older checkpoints"), "{said}");
    // It would notice.
    let bundle = dir.path().join("tile/entries/001");
    let mut changed = std::fs::read(&bundle).unwrap();
    changed[500] ^= 1;
    std::fs::write(&bundle, &changed).unwrap();
    let (agrees, said) = run();
    assert!(!agrees && said.contains("the root"), "{said}");
}

fn once(state: &Path, source: &str, more: &[&str]) -> (Option<i32>, String) {
    let (state, vkey) = (state.display().to_string(), key().key().to_string());
    gaung(&[&["ledger", "witness", "--state", &state, "--vkey", &vkey, "--once", source][..], more].concat())
}

#[test]
fn a_witness_without_a_server_cosigns_what_continues_and_refuses_a_fork() {
    let leaves = Story::of(600).bytes();
    let state = TempDir::new().unwrap();
    let dir = exported(&leaves[..300], &[]);
    let source = dir.path().display().to_string();
    assert_eq!(once(state.path(), &source, &[]).0, Some(3), "it has no name yet");
    let (code, said) = once(state.path(), &source, &["--name", "auditor.example/w"]);
    assert!(code == Some(0) && said.contains("cosigned 300 entries"), "{said}");
    export(&Directory::open(dir.path()).unwrap(), &leaves, &[]);
    let (code, said) = once(state.path(), &source, &[]);
    assert!(code == Some(0) && said.contains("cosigned 600 entries"), "{said}");
    // What it kept is a checkpoint that shows its cosignature.
    let mut kept = std::fs::read_dir(state.path()).unwrap().map(|entry| entry.unwrap().path());
    let kept: PathBuf = kept.find(|path| path.extension().is_some_and(|ending| ending == "checkpoint")).unwrap();
    let vkey = said.lines().find_map(|line| line.strip_prefix("this witness is ")).unwrap();
    ends(dir.path(), &["--checkpoint", kept.to_str().unwrap(), "--witness", vkey], 0, "auditor.example/w cosigned 600 entries");
    // A shorter log, and one with another history.
    let short = exported(&leaves[..300], &[]);
    assert_eq!(once(state.path(), &short.path().display().to_string(), &[]).0, Some(2));
    let mut other = leaves.clone();
    other.remove(400);
    other.extend(leaves[590..].iter().cloned());
    let fork = exported(&other, &[]);
    let (code, said) = once(state.path(), &fork.path().display().to_string(), &[]);
    assert!(code == Some(2) && said.contains("nothing is cosigned"), "{said}");
    let before = std::fs::read(&kept).unwrap();
    assert_eq!(Note::parse(&before).unwrap().text, signed(&leaves).text, "what it knows is as it was");
    // Its key is for its owner alone.
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(state.path().join("key")).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    // A file that was changed stops it.
    std::fs::write(&kept, signed(&leaves[..300]).to_bytes()).unwrap();
    assert_eq!(once(state.path(), &source, &[]).0, Some(3));
}

fn post(address: &str, body: &[u8]) -> (u16, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    let head = format!("POST /add-checkpoint HTTP/1.0\r\nHost: {address}\r\nContent-Length: {}\r\n\r\n", body.len());
    stream.write_all(&[head.as_bytes(), body].concat()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    (answer.split(' ').nth(1).unwrap().parse().unwrap(), answer)
}

#[test]
fn a_witness_answers_with_the_codes_of_the_specification() {
    let leaves = Story::of(300).bytes();
    let dir = exported(&leaves, &[]);
    let reader = Reader::open(Directory::open(dir.path()).unwrap()).unwrap();
    let state = TempDir::new().unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_gaung"))
        .args(["ledger", "witness", "--listen", "127.0.0.1:0", "--name", "auditor.example/w", "--vkey", &key().key().to_string()])
        .args([std::ffi::OsStr::new("--state"), state.path().as_os_str()])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    let vkey: VerifierKey = lines.next().unwrap().strip_prefix("this witness is ").unwrap().parse().unwrap();
    let said = lines.next().unwrap();
    let address = said.strip_prefix("listening on http://").unwrap().strip_suffix("/add-checkpoint").unwrap().to_owned();
    let body = |old: usize, size: usize| {
        AddCheckpoint::body(old as u64, &consistency_proof(&reader, old as u64, size as u64).unwrap(), &signed(&leaves[..size]))
    };
    let (status, answer) = post(&address, &body(0, 100));
    assert_eq!(status, 200, "{answer}");
    let line = answer.rsplit("\r\n\r\n").next().unwrap();
    let note = Note::parse(format!("{}\n{line}", signed(&leaves[..100]).text).as_bytes()).unwrap();
    assert!(note.open(&[vkey]).unwrap()[0].seconds.is_some_and(|seconds| seconds > 1_600_000_000));
    let (status, answer) = post(&address, &body(0, 200));
    assert!(status == 409 && answer.contains("text/x.tlog.size") && answer.ends_with("\r\n\r\n100\n"), "{answer}");
    assert_eq!(post(&address, &body(100, 300)).0, 200);
    assert_eq!(post(&address, &body(300, 300)).0, 200, "the same again");
    let mut other = leaves.clone();
    other.swap(298, 299);
    assert_eq!(post(&address, &AddCheckpoint::body(300, &[], &signed(&other))).0, 409);
    assert_eq!(post(&address, &AddCheckpoint::body(301, &[], &signed(&leaves))).0, 400);
    assert_eq!(post(&address, b"garbage").0, 400);
    let mut longer = leaves.clone();
    longer.push(b"{}".to_vec());
    assert_eq!(post(&address, &AddCheckpoint::body(300, &[[0; 32]], &signed(&longer))).0, 422);
    let strangers = gaung::ledger::checkpoint::Checkpoint::new("other.example", 1, [0; 32]).signed([&key()], 0);
    assert_eq!(post(&address, &AddCheckpoint::body(0, &[], &strangers)).0, 404);
    let mut unsigned = signed(&longer);
    unsigned.signatures[0].bytes[3] ^= 1;
    assert_eq!(post(&address, &AddCheckpoint::body(300, &[], &unsigned)).0, 403);
    // A second one over the same state would cosign a second history.
    let (code, said) = once(state.path(), &dir.path().display().to_string(), &[]);
    assert!(code == Some(3) && said.contains("another witness uses it"), "{said}");
    child.kill().unwrap();
    child.wait().unwrap();
    // What it knew, it knows again.
    let kept = Directory::open(dir.path()).unwrap();
    export(&kept, &longer, &[]);
    assert_eq!(once(state.path(), &dir.path().display().to_string(), &[]).0, Some(0));
    kept.remove("checkpoint").unwrap();
}
