//! Return paths: what of them survives the way of mail, and every way of forging one.

use gaung::auth::return_path::{LONGEST_LOCAL, MARK_LEN, ReturnPathError, ReturnPaths};
use gaung::auth::secret::MasterKey;
use gaung::domain::id::MailId;
use gaung::mail::envelope::Address;
use proptest::prelude::*;

fn paths() -> ReturnPaths {
    ReturnPaths::new(&MasterKey::new([7; 32]).unwrap())
}

#[test]
fn a_mark_names_its_mail_in_every_form_that_servers_give_it() {
    let (paths, mail) = (paths(), MailId::new());
    let mark = paths.seal(mail);
    assert_eq!(mark.len(), MARK_LEN);
    assert_eq!(mark, paths.seal(mail), "the same at every attempt");
    let upper = mark.to_uppercase();
    for form in [
        mark.clone(),
        upper.clone(),
        format!("pantulan+{mark}"),
        format!("<pantulan+{mark}@surat.kemencontoh.example>"),
        format!("<PANTULAN+{upper}@SURAT.KEMENCONTOH.EXAMPLE>, "),
        format!("SRS0=HHH=TT=kemencontoh.example=pantulan+{mark}@forwarder.example"),
        format!("SRS1=HHH=one.example==HHH=TT=kemencontoh.example=pantulan+{mark}@two.example"),
        format!("prvs=1234abcdef=pantulan+{mark}@kemencontoh.example"),
        format!("rfc822;pantulan=2B{mark}@kemencontoh.example"),
        format!("rfc822;pantulan+2B{mark}@kemencontoh.example."),
        format!("\"pantulan+{mark}\"@kemencontoh.example"),
        format!("bounces+aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeee+{mark}@kemencontoh.example"),
    ] {
        assert_eq!(paths.open(&form), Ok(mail), "{form}");
    }
}

#[test]
fn the_longest_local_part_leaves_a_valid_address() {
    let mark = paths().seal(MailId::new());
    let local = "b".repeat(LONGEST_LOCAL);
    let address = Address::parse(&format!("{local}+{mark}@kemencontoh.example")).unwrap();
    assert_eq!(address.local_part().len(), 64);
    assert!(!address.needs_smtputf8());
    assert!(Address::parse(&format!("b{local}+{mark}@kemencontoh.example")).is_err());
}

#[test]
fn a_mark_that_was_changed_in_any_character_is_refused() {
    let (paths, mail) = (paths(), MailId::new());
    let mark = paths.seal(mail);
    for at in 0..mark.len() {
        for other in ["a", "q", "7"] {
            let mut changed = mark.clone();
            changed.replace_range(at..=at, other);
            if changed != mark {
                // The spare bits of the last character belong to nobody: there, another spelling is no mark at all.
                let expected = if at + 1 == mark.len() { paths.open(&changed) } else { Err(ReturnPathError::Forged) };
                assert_eq!(paths.open(&changed), expected, "{changed}");
                assert!(expected.is_err());
            }
        }
    }
}

#[test]
fn another_mails_mark_another_installations_and_another_purposes_open_nothing() {
    let (paths, one, two) = (paths(), paths().seal(MailId::new()), paths().seal(MailId::new()));
    let spliced = format!("{}{}", &one[..26], &two[26..]);
    assert_eq!(paths.open(&spliced), Err(ReturnPathError::Forged));
    let stranger = ReturnPaths::new(&MasterKey::new([8; 32]).unwrap());
    assert_eq!(stranger.open(&one), Err(ReturnPathError::Forged));
}

#[test]
fn what_holds_no_mark_is_told_from_what_was_forged() {
    let paths = paths();
    let mark = paths.seal(MailId::new());
    for text in
        ["", "pantulan@kemencontoh.example", "<>", &mark[1..], &format!("{}+{}", &mark[..20], &mark[20..]), &mark.repeat(100)]
    {
        assert_eq!(paths.open(text), Err(ReturnPathError::Unmarked), "{text}");
    }
    let error = paths.open(&"a".repeat(MARK_LEN)).unwrap_err();
    assert_eq!(error, ReturnPathError::Forged);
    assert!(!error.to_string().contains("aaaa"));
}

proptest! {
    #[test]
    fn opening_never_panics_and_takes_only_its_own(text in "\\PC{0,120}") {
        prop_assert!(paths().open(&text).is_err());
    }

    #[test]
    fn every_id_survives(id in any::<u128>(), cases in any::<u64>()) {
        let mail = MailId::from_uuid(uuid::Uuid::from_u128(id));
        let mark = paths().seal(mail);
        let folded: String =
            mark.chars().enumerate().map(|(i, c)| if cases >> (i % 64) & 1 == 1 { c.to_ascii_uppercase() } else { c }).collect();
        prop_assert_eq!(paths().open(&folded), Ok(mail));
    }
}
