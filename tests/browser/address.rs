//! The link by which the reader of a new address confirms it.

use gaung::app::App;
use gaung::domain::address_change::AddressAsker;
use gaung::domain::id::MemberId;
use gaung::service::address_change::token;
use gaung::service::task;
use gaung::store::{StoreError, address_change, member};

use super::scene::Scene;

/// Somebody asked for another address on their own page, which then says so.
pub async fn asked(app: &App, member: MemberId) {
    let version = app.db.read_blocking(|conn| Ok::<_, StoreError>(member::get(conn, member)?.link_version)).expect("a read");
    let own = task::pause_token(app, member, version);
    let nonce = task::settings(app, &own).await.expect("their page").nonce;
    task::ask_address(app, &own, "alamat.baru@klp.example.id", &nonce).await.expect("asked for");
}

/// The link that the new address got.
pub fn link(scene: &Scene) -> String {
    let member = scene.open[1].member;
    let found = scene.read(|conn| Ok(address_change::waiting(conn, &[member])?.pop()));
    let row = found.expect("one that waits");
    assert_eq!(row.asked_by, AddressAsker::Member);
    token(&scene.app, &row)
}
