//! Signed notes, checkpoints, proofs and cosignatures: vectors of others, and what must be refused.

use gaung::ledger::checkpoint::{BadCheckpoint, Checkpoint, NotACheckpoint};
use gaung::ledger::cosign::{AddCheckpoint, NotARequest, Refusal, Seen, may_cosign};
use gaung::ledger::note::{BadKey, KeyKind, NotANote, Note, Signer, Unbelieved, VerifierKey};
use gaung::ledger::proof::{BadProof, NotAProof, Proof};
use gaung::ledger::tree::{NotProven, consistency_proof, inclusion_proof, leaf_hash, range_hash};

use super::trees::Nodes;

// The keys, text and signatures of the tests of Go's golang.org/x/mod/sumdb/note.
const NEUMANN: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const NEUMANN_SECRET: &str = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
const ROOT: &str = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop";
const TEXT: &str = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const BY_NEUMANN: &str =
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
const BY_ROOT: &str =
    "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n";

pub fn log_key(name: &str) -> Signer {
    Signer::from_seed(name, KeyKind::Ed25519, [7; 32]).unwrap()
}

fn witness_key() -> Signer {
    Signer::from_seed("auditor.example/w1", KeyKind::Cosignature, [9; 32]).unwrap()
}

#[test]
fn keys_and_signatures_are_those_of_gos_note() {
    let signer = Signer::from_skey(NEUMANN_SECRET).unwrap();
    assert_eq!(signer.key().to_string(), NEUMANN);
    assert_eq!(signer.skey(), NEUMANN_SECRET);
    assert!(!format!("{signer:?}").contains(&NEUMANN_SECRET[30..]), "a secret in what is printed for debugging");
    let mut note = Note::new(TEXT.to_owned());
    note.signatures.push(signer.sign(TEXT, 0));
    let expected = format!("{TEXT}\n{BY_NEUMANN}");
    assert_eq!(String::from_utf8(note.to_bytes()).unwrap(), expected);

    let keys = [NEUMANN.parse::<VerifierKey>().unwrap(), ROOT.parse().unwrap()];
    let both = Note::parse(format!("{TEXT}\n{BY_NEUMANN}{BY_ROOT}{BY_NEUMANN}").as_bytes()).unwrap();
    let names: Vec<_> = both.open(&keys).unwrap().iter().map(|signed| signed.by.name().to_owned()).collect();
    assert_eq!(names, ["PeterNeumann", "EnochRoot"], "each once, in the order of the lines");
    assert_eq!(both.open(&keys[1..]).unwrap().len(), 1, "a line by an unknown key is passed over");
    assert_eq!(both.open(&[]), Err(Unbelieved::NoKnownKey));
}

#[test]
fn a_wrong_signature_by_a_known_key_condemns_the_note() {
    let keys = [NEUMANN.parse::<VerifierKey>().unwrap(), ROOT.parse().unwrap()];
    let changed = TEXT.replace("problem", "Problem");
    let note = Note::parse(format!("{changed}\n{BY_NEUMANN}").as_bytes()).unwrap();
    assert_eq!(note.open(&keys), Err(Unbelieved::Wrong("PeterNeumann".into())));
    // One right and one wrong: still condemned.
    let wrong = BY_ROOT.replace("rwz+eBzm", "rwz+eBzn");
    let note = Note::parse(format!("{TEXT}\n{BY_NEUMANN}{wrong}").as_bytes()).unwrap();
    assert_eq!(note.open(&keys), Err(Unbelieved::Wrong("EnochRoot".into())));
    assert_eq!(note.open(&keys[..1]).unwrap().len(), 1);
}

#[test]
fn what_is_no_note_is_refused() {
    let line = BY_NEUMANN;
    let refused = |bytes: &str, error: NotANote| assert_eq!(Note::parse(bytes.as_bytes()), Err(error), "{bytes:?}");
    refused("", NotANote::Unsigned);
    refused(TEXT, NotANote::Unsigned);
    refused(&format!("{TEXT}\n"), NotANote::Unsigned);
    refused(&format!("{TEXT}{line}"), NotANote::Unsigned);
    refused(&format!("{TEXT}\n{}", line.trim_end()), NotANote::Unsigned);
    refused(&format!("a\tb\n\n{line}"), NotANote::Text);
    refused(&format!("{TEXT}\r\n\n{line}"), NotANote::Text);
    refused(&format!("{TEXT}\n{line}more\n"), NotANote::Line(2));
    refused(&format!("{TEXT}\n{}", line.replace("— ", "- ")), NotANote::Line(1));
    refused(&format!("{TEXT}\n{}", line.replace("AM=", "AN=")), NotANote::Line(1));
    refused(&format!("{TEXT}\n— a+b x08go/Y=\n"), NotANote::Line(1));
    refused(&format!("{TEXT}\n— name x08gow==\n"), NotANote::Line(1));
    assert_eq!(Note::parse(b"\xff\n\n"), Err(NotANote::Text));
    let many = line.repeat(101);
    refused(&format!("{TEXT}\n{many}"), NotANote::TooLarge);
    assert!(Note::parse(format!("{TEXT}\n{}", line.repeat(100)).as_bytes()).is_ok());
    refused(&format!("{}\n\n{line}", "a".repeat(1_000_000)), NotANote::TooLarge);
    // An empty line within the text is text.
    assert_eq!(Note::parse(format!("one\n\ntwo\n\n{line}").as_bytes()).unwrap().text, "one\n\ntwo\n");
}

#[test]
fn a_key_that_was_copied_wrongly_is_refused() {
    let refused = |text: &str, error: BadKey| assert_eq!(text.parse::<VerifierKey>(), Err(error), "{text}");
    refused(&NEUMANN.replace("c74f20a3", "c74f20a4"), BadKey::Id);
    refused(&NEUMANN.replace("PeterNeumann", "PeterNeuman"), BadKey::Id);
    refused(&NEUMANN.replace("Rpc2", "Rpc3"), BadKey::Id);
    refused(&NEUMANN.replace("c74f20a3", "C74F20A3"), BadKey::Form);
    refused(&NEUMANN.replace("c74f20a3", "74f20a3"), BadKey::Form);
    refused("PeterNeumann+c74f20a3", BadKey::Form);
    refused(&NEUMANN.replace("+ARpc", "+BRpc"), BadKey::Kind);
    refused(&NEUMANN.replace("PeterNeumann", "Peter Neumann"), BadKey::Name);
    refused(&format!("{NEUMANN}AAAA"), BadKey::Form);
    assert!(matches!(Signer::from_skey(NEUMANN), Err(BadKey::Form)));
    // Base64 may have plus signs: only the first two divide.
    let with_plus = (0..).map(|seed| Signer::from_seed("log", KeyKind::Ed25519, [seed; 32]).unwrap());
    let text = with_plus.map(|signer| signer.key().to_string()).find(|text| text.matches('+').count() > 2).unwrap();
    assert_eq!(text.parse::<VerifierKey>().unwrap().to_string(), text);
}

#[test]
fn a_checkpoint_has_one_form() {
    // The example of https://c2sp.org/tlog-checkpoint.
    let text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
    let checkpoint = Checkpoint::from_text(text).unwrap();
    assert_eq!((checkpoint.origin.as_str(), checkpoint.size), ("example.com/behind-the-sofa", 20_852_163));
    assert_eq!(checkpoint.text(), text);
    let extended = format!("{text}one more line\n");
    assert_eq!(Checkpoint::from_text(&extended).unwrap().text(), extended);
    let whole = format!(
        "{text}\n— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
    );
    let (parsed, note) = Checkpoint::parse(whole.as_bytes()).unwrap();
    assert_eq!((parsed, note.signatures.len()), (checkpoint, 2));
    assert_eq!(String::from_utf8(note.to_bytes()).unwrap(), whole);
    for wrong in [
        text.trim_end().to_owned(),
        text.replace("20852163", "020852163"),
        text.replace("20852163", "-1"),
        text.replace("q2I=", "q2J="),
        text.replace("example.com/behind-the-sofa", ""),
        format!("{text}\n"),
        "a\n1\n".to_owned(),
    ] {
        assert_eq!(Checkpoint::from_text(&wrong), Err(NotACheckpoint::Lines), "{wrong:?}");
    }
}

#[test]
fn a_checkpoint_is_believed_by_a_key_of_its_own_log_only() {
    let (key, other) = (log_key("example.org/ledger"), log_key("example.org/other"));
    let bytes = Checkpoint::new("example.org/ledger", 3, [1; 32]).signed([&key], 0).to_bytes();
    let keys = [key.key().clone()];
    assert_eq!(Checkpoint::open(&bytes, "example.org/ledger", &keys).unwrap().0.size, 3);
    let elsewhere = Checkpoint::open(&bytes, "example.org/other", &keys).unwrap_err();
    assert_eq!(elsewhere, BadCheckpoint::Origin("example.org/ledger".into()));
    let bytes = Checkpoint::new("example.org/ledger", 3, [1; 32]).signed([&other], 0).to_bytes();
    let foreign = [other.key().clone()];
    assert!(matches!(Checkpoint::open(&bytes, "example.org/ledger", &foreign), Err(BadCheckpoint::Unbelieved(_))));
}

fn a_log(size: u64) -> (Nodes, Checkpoint) {
    let (nodes, frontier) = Nodes::of((0..size).map(|at| leaf_hash(&at.to_be_bytes())));
    (nodes, Checkpoint::new("example.org/ledger", size, frontier.root()))
}

#[test]
fn a_receipt_proves_its_entry_and_survives_being_written() {
    let (nodes, checkpoint) = a_log(12);
    let key = log_key("example.org/ledger");
    let keys = [key.key().clone()];
    let hashes = inclusion_proof(&nodes, 5, 12).unwrap();
    let proof = Proof { extra: Some(b"the entry".to_vec()), index: 5, hashes, checkpoint: checkpoint.signed([&key], 0) };
    let text = String::from_utf8(proof.to_bytes()).unwrap();
    assert!(text.starts_with("c2sp.org/tlog-proof@v1\nextra dGhlIGVudHJ5\nindex 5\n"), "{text}");
    let read = Proof::parse(text.as_bytes()).unwrap();
    assert_eq!(read, proof);
    let leaf = leaf_hash(&5_u64.to_be_bytes());
    assert_eq!(read.verify(&leaf, "example.org/ledger", &keys).unwrap().0, checkpoint);
    let wrong = read.verify(&leaf_hash(b"else"), "example.org/ledger", &keys).unwrap_err();
    assert_eq!(wrong, BadProof::NotProven(NotProven::Root));
    let without = Proof { extra: None, ..proof };
    assert_eq!(Proof::parse(&without.to_bytes()).unwrap(), without);
    for (from, to, line) in [
        ("c2sp.org/tlog-proof@v1", "c2sp.org/tlog-proof@v2", 1),
        ("extra dGhl", "extra dGh", 2),
        ("index 5", "index 05", 3),
        ("index 5\n", "index 5\nabc\n", 4),
    ] {
        assert_eq!(Proof::parse(text.replace(from, to).as_bytes()), Err(NotAProof::Line(line)), "{to}");
    }
    let cut = text.split("\n\n").next().unwrap();
    assert!(matches!(Proof::parse(cut.as_bytes()), Err(NotAProof::Line(_))));
    assert!(matches!(Proof::parse(format!("{cut}\n\n").as_bytes()), Err(NotAProof::Checkpoint(_))));
}

#[test]
fn a_cosignature_binds_the_time_and_the_checkpoint() {
    let (_, checkpoint) = a_log(4);
    let (log, witness) = (log_key("example.org/ledger"), witness_key());
    let note = checkpoint.signed([&log, &witness], 1_679_315_147);
    let keys = [log.key().clone(), witness.key().to_string().parse().unwrap()];
    let signed = note.open(&keys).unwrap();
    assert_eq!(signed.iter().map(|signed| signed.seconds).collect::<Vec<_>>(), [None, Some(1_679_315_147)]);
    // The time is the first eight bytes after the key's id, and the signed message is the one of the specification.
    let bytes = &note.signatures[1].bytes;
    assert_eq!((bytes.len(), &bytes[..8]), (72, 1_679_315_147_u64.to_be_bytes().as_slice()));
    let message = format!("cosignature/v1\ntime 1679315147\n{}", checkpoint.text());
    let plain = Signer::from_seed("auditor.example/w1", KeyKind::Ed25519, [9; 32]).unwrap();
    assert_eq!(plain.sign(&message, 0).bytes, bytes[8..]);
    let mut later = note.clone();
    later.signatures[1].bytes[7] ^= 1;
    assert_eq!(later.open(&keys), Err(Unbelieved::Wrong("auditor.example/w1".into())));
}

#[test]
fn a_witness_cosigns_what_continues_and_nothing_else() {
    let (nodes, checkpoint) = a_log(9);
    let key = log_key("example.org/ledger");
    let keys = [key.key().clone()];
    let root = |size| range_hash(&nodes, 0, size).unwrap();
    let note = checkpoint.signed([&key], 0);
    let body = |old: u64| AddCheckpoint::body(old, &consistency_proof(&nodes, old, 9).unwrap(), &note);
    let ask = |old: u64, seen| may_cosign(&AddCheckpoint::parse(&body(old)).unwrap(), seen, &keys);
    let new = Seen { size: 9, root: checkpoint.root };
    let seen = |size| Some(Seen { size, root: root(size) });
    assert_eq!(ask(0, None), Ok(new));
    assert_eq!(ask(4, seen(4)), Ok(new));
    assert_eq!(ask(7, seen(7)), Ok(new));
    assert_eq!(ask(9, seen(9)), Ok(new), "the same again");
    assert_eq!(ask(4, seen(7)), Err(Refusal::OtherSize(7)));
    assert_eq!(ask(4, None), Err(Refusal::OtherSize(0)));
    assert_eq!(ask(9, Some(Seen { size: 9, root: root(8) })), Err(Refusal::Fork(9)));
    assert_eq!(ask(7, Some(Seen { size: 7, root: root(8) })), Err(Refusal::Inconsistent(NotProven::Root)));
    let stranger = [log_key("example.org/other").key().clone()];
    let asked = AddCheckpoint::parse(&body(4)).unwrap();
    assert!(matches!(may_cosign(&asked, seen(4), &stranger), Err(Refusal::Unbelieved(_))));
    assert_eq!(may_cosign(&AddCheckpoint { old: 10, ..asked.clone() }, seen(4), &keys), Err(Refusal::Backwards));
    let unasked = AddCheckpoint { old: 0, ..asked };
    assert_eq!(may_cosign(&unasked, None, &keys), Err(Refusal::Inconsistent(NotProven::Length)));

    let text = String::from_utf8(body(7)).unwrap();
    for (from, to, line) in [("old 7\n", "old 07\n", 1), ("old 7\n", "old 7\nabc\n", 2), ("old 7\n", "new 7\n", 1)] {
        assert_eq!(AddCheckpoint::parse(text.replacen(from, to, 1).as_bytes()), Err(NotARequest::Line(line)));
    }
    let many = text.replacen("old 7\n", &format!("old 7\n{}", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n".repeat(63)), 1);
    assert_eq!(AddCheckpoint::parse(many.as_bytes()), Err(NotARequest::Line(65)));
}
