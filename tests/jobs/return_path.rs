//! The envelope sender in a real conversation: one for each mail, the same at every attempt, and only ours opens.

use gaung::domain::outbox::MailState;

use super::{seconds, settled_tick, smtp_world};
use crate::support::campaigns::{mail_states, mails, opened};
use crate::support::database::Engine;
use crate::support::smtp_server::{Act, At, Fault, Script, SmtpServer};

async fn the_envelope_sender_says_which_mail_it_is(engine: Engine) {
    let server = SmtpServer::start(Script::default());
    let world = smtp_world(engine, &server, &[("GAUNG__MAIL__BOUNCE_ADDRESS", "pantulan@surat.kemencontoh.example")]);
    let crowd = opened(&world, "a", 3).await;
    server.set_faults([Fault::once(At::Dot, Act::Say("451 4.3.0 later"))]);
    settled_tick(&world).await;
    world.test.advance(seconds(600));
    settled_tick(&world).await;
    assert_eq!(mail_states(world.app(), crowd.wave_id), [(MailState::Sent, 3)]);
    let received = server.messages();
    let rows = mails(world.app(), crowd.wave_id);
    assert_eq!((received.len(), rows.len()), (3, 3));
    for row in rows {
        let id = row.id.to_string();
        let message = received.iter().find(|m| m.message_id().contains(&id)).unwrap();
        let (local, domain) = message.sender.split_once('@').unwrap();
        assert_eq!((domain, local.len() <= 64), ("surat.kemencontoh.example", true));
        assert!(local.starts_with("pantulan+"), "{local}");
        assert_eq!(world.app().return_paths.open(&message.sender.to_uppercase()).map(|id| id.to_string()), Ok(id));
        assert!(message.text().contains("gaung@kemencontoh.example"), "From stays the sender's own address");
        let other_key = gaung::auth::return_path::ReturnPaths::new(&gaung::auth::secret::MasterKey::new([3; 32]).unwrap());
        assert!(other_key.open(&message.sender).is_err());
    }
    let tried = |command: &String| command.strip_prefix("MAIL FROM:<").and_then(|c| c.split('>').next()).map(str::to_owned);
    let senders: Vec<String> = server.commands().iter().filter_map(tried).collect();
    let distinct: std::collections::BTreeSet<&String> = senders.iter().collect();
    assert_eq!((senders.len(), distinct.len()), (4, 3), "the mail that was put off had the same one twice");
}

async fn without_marks_the_sender_is_the_address_alone(engine: Engine) {
    let server = SmtpServer::start(Script::default());
    let world = smtp_world(engine, &server, &[("GAUNG__MAIL__VERP", "false")]);
    opened(&world, "a", 1).await;
    settled_tick(&world).await;
    assert_eq!(server.messages()[0].sender, "gaung@kemencontoh.example");
}

on_both!(the_envelope_sender_says_which_mail_it_is, without_marks_the_sender_is_the_address_alone);
