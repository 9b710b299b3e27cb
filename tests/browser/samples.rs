//! The samples of the scene: drawn by its auditor, in every state that their page shows.

use gaung::app::App;
use gaung::domain::finding::Finding;
use gaung::service::Caller;
use gaung::service::sample::{announce, kept};

use crate::service::seal::seal;

/// The auditor drew two samples: one is looked at, the other's findings are sealed. A third is announced.
pub async fn samples(app: &App, auditor: &Caller) {
    use Finding::{AsClaimed, CantTell, Changed, NotThere};
    for (value, found) in [("IHSG 24 Nov 2026 ditutup 7412,81", 6), ("Undian 0815, 24 Nov 2026", 3), ("", 0)] {
        seal(app).await;
        let id = announce::announce(app, auditor, 6, None).await.expect("announced");
        seal(app).await;
        if found > 0 {
            announce::draw(app, auditor, id, value).await.expect("a sample");
        }
        for (no, finding) in (1..).zip([AsClaimed, AsClaimed, CantTell, AsClaimed, Changed, NotThere]).take(found) {
            kept::record(app, auditor, id, no, (finding, "Dilihat di peramban tanpa masuk.")).await.expect("a finding");
        }
        if found == 6 {
            kept::seal(app, auditor, id).await.expect("sealed");
        }
    }
}
