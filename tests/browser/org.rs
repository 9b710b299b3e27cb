//! The lists and forms of the coordinator's and the admin's desk, in each of their faces; a single thing's page is in the catalogue.

use diesel::prelude::*;
use gaung::domain::id::{BlockedTargetId, SuppressionId, UploadId, UserId};
use gaung::store::schema::{blocked_targets, suppressions, uploads, users};

use super::catalogue::{Visit, Who, by};
use super::scene::Scene;

/// The visits to a page of these desks; none where it is not one of theirs.
pub fn visits(scene: &Scene, pattern: &str) -> Option<Vec<Visit>> {
    use Who::{Admin, Approver, Auditor, Coordinator};
    let found = |path: &str, query: &str| format!("{path}?{query}");
    let faces = |others: &[Who], queries: &[&str]| {
        let mut shown = by(Admin, &[pattern.to_owned()]);
        shown.extend(by(Admin, &queries.iter().map(|query| found(pattern, query)).collect::<Vec<_>>()));
        shown.extend(others.iter().flat_map(|who| by(*who, &[pattern.to_owned()])));
        Some(shown)
    };
    match pattern {
        "/units" => faces(&[Coordinator, Auditor], &["q=kanwil", "q=nowhere"]),
        "/members" => faces(&[Coordinator], &["q=siti", "q=nobody%40nowhere"]),
        "/accounts" => faces(&[Coordinator, Auditor], &["standing=lapsed", "q=nowhere"]),
        "/disclosures" => faces(&[Coordinator, Approver], &["done=confirm"]),
        "/import" => faces(&[Coordinator], &["kind=accounts"]),
        "/suppressions" => faces(&[Coordinator], &["q=nobody"]),
        "/units/new" | "/members/new" | "/accounts/new" | "/users" | "/users/new" | "/neutrality" | "/settings" => {
            faces(&[], &[])
        }
        "/import/{id}" => {
            let ids: Vec<UploadId> = scene.read(|conn| Ok(uploads::table.select(uploads::id).load(conn)?));
            Some(by(Admin, &ids.iter().map(|id| format!("/import/{id}")).collect::<Vec<_>>()))
        }
        "/users/{id}" => {
            let last = users::table.order(users::id.desc()).select(users::id);
            let id: UserId = scene.read(|conn| Ok(last.first(conn)?));
            Some(by(Admin, &[format!("/users/{id}")]))
        }
        "/suppressions/{id}" => {
            let id: SuppressionId = scene.read(|conn| Ok(suppressions::table.select(suppressions::id).first(conn)?));
            Some(by(Admin, &[format!("/suppressions/{id}")]))
        }
        "/neutrality/{id}" => {
            let id: BlockedTargetId = scene.read(|conn| Ok(blocked_targets::table.select(blocked_targets::id).first(conn)?));
            Some(by(Admin, &[format!("/neutrality/{id}")]))
        }
        _ => None,
    }
}
