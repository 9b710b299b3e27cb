//! One-purpose tokens: what they open, what mail clients may do to them, and every way of forging one.

use chrono::{DateTime, TimeDelta, Utc};
use gaung::auth::secret::MasterKey;
use gaung::auth::task_token::{Opened, Purpose, TokenError, TokenSealer};
use proptest::prelude::*;
use uuid::Uuid;

const PURPOSES: [Purpose; 8] = [
    Purpose::Task,
    Purpose::Pause,
    Purpose::OptIn,
    Purpose::SignIn,
    Purpose::FormNonce,
    Purpose::Calendar,
    Purpose::Correction,
    Purpose::DataRequest,
];

fn sealer() -> TokenSealer {
    TokenSealer::new(&MasterKey::new([7; 32]).unwrap())
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 250_000_000).unwrap()
}

#[test]
fn a_token_opens_its_row_at_its_version_until_its_end() {
    let (sealer, uuid) = (sealer(), Uuid::now_v7());
    let end = now() + TimeDelta::minutes(10);
    let token = sealer.seal(Purpose::SignIn, uuid, 3, Some(end));
    assert_eq!(token.len(), 56);
    let open = |at| sealer.open(Purpose::SignIn, &token, at);
    assert_eq!(open(now()), Ok(Opened { uuid, version: 3 }));
    let ended_at = DateTime::from_timestamp(end.timestamp(), 0).unwrap();
    assert_eq!(open(ended_at), Err(TokenError::Expired { ended_at }));
    assert_eq!(open(ended_at - TimeDelta::microseconds(1)), Ok(Opened { uuid, version: 3 }));
    let forever = sealer.seal(Purpose::Pause, uuid, 0, None);
    assert_eq!(sealer.open(Purpose::Pause, &forever, DateTime::<Utc>::MAX_UTC), Ok(Opened { uuid, version: 0 }));
    let past = sealer.seal(Purpose::Task, uuid, 0, Some(DateTime::<Utc>::MIN_UTC));
    assert!(matches!(sealer.open(Purpose::Task, &past, now()), Err(TokenError::Expired { .. })));
}

#[test]
fn no_purpose_opens_anothers_token_and_no_installation_anothers() {
    let sealer = sealer();
    for sealed in PURPOSES {
        let token = sealer.seal(sealed, Uuid::from_u128(1), 1, None);
        for opened in PURPOSES {
            assert_eq!(sealer.open(opened, &token, now()).is_ok(), sealed == opened, "{sealed:?} as {opened:?}");
        }
    }
    let stranger = TokenSealer::new(&MasterKey::new([8; 32]).unwrap());
    let token = stranger.seal(Purpose::Task, Uuid::from_u128(1), 1, None);
    assert_eq!(sealer.open(Purpose::Task, &token, now()), Err(TokenError::Forged));
}

#[test]
fn what_mail_clients_glue_on_or_encode_is_taken_off() {
    let (sealer, uuid) = (sealer(), Uuid::now_v7());
    let token = sealer.seal(Purpose::Task, uuid, 1, None);
    let every_byte: String = token.bytes().map(|b| format!("%{b:02X}")).collect();
    let mut forms = vec![every_byte, format!("{token}%3E"), format!("{token}%2E"), format!(" {token}\r\n")];
    forms.extend(
        [".", ",", ";", ":", ")", ">", "]", "\"", "'", "!", "?", ">.", ").", "\")."].map(|glued| format!("{token}{glued}")),
    );
    for form in forms {
        assert_eq!(sealer.open(Purpose::Task, &form, now()), Ok(Opened { uuid, version: 1 }), "{form}");
    }
    // Twice encoded is somebody's guess, not a mail client's habit.
    let twice: String = token.bytes().map(|b| format!("%25{b:02X}")).collect();
    assert_eq!(sealer.open(Purpose::Task, &twice, now()), Err(TokenError::Malformed));
}

#[test]
fn cut_and_mangled_texts_are_malformed() {
    let sealer = sealer();
    let token = sealer.seal(Purpose::Task, Uuid::now_v7(), 1, None);
    let long = "A".repeat(100_000);
    let extended = format!("{token}AAAA");
    for text in ["", ".", "%", "%4", "%zz", "%FF", &token[..55], &token[1..], &extended, &long, "é", "a b"] {
        assert_eq!(sealer.open(Purpose::Task, text, now()), Err(TokenError::Malformed), "{text:.80}");
    }
}

#[test]
fn no_single_bit_can_be_changed() {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let sealer = sealer();
    let end = Some(now() + TimeDelta::hours(1));
    let token = URL_SAFE_NO_PAD.decode(sealer.seal(Purpose::Task, Uuid::now_v7(), 1, end)).unwrap();
    for bit in 0..token.len() * 8 {
        let mut changed = token.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        let text = URL_SAFE_NO_PAD.encode(changed);
        assert_eq!(sealer.open(Purpose::Task, &text, now()), Err(TokenError::Forged), "bit {bit}");
    }
}

#[test]
fn neither_errors_nor_debug_output_repeat_a_token() {
    let sealer = sealer();
    assert!(!format!("{sealer:?}").contains('7'));
    let token = sealer.seal(Purpose::Task, Uuid::now_v7(), 1, None);
    let error = sealer.open(Purpose::Pause, &token, now()).unwrap_err();
    assert!(!format!("{error} {error:?}").contains(&token[..8]));
}

proptest! {
    #[test]
    fn any_text_is_answered_without_a_panic(text in "\\PC{0,200}") {
        let _ = sealer().open(Purpose::Task, &text, now());
    }
}
