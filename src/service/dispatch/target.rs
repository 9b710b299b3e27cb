//! Which registered post a task points at when its wave opens, and whether it may.

use crate::domain::content::{ClaimWords, TargetPlan};
use crate::domain::id::ClaimId;
use crate::domain::kind::Layer;
use crate::domain::refusal::Refusal as _;
use crate::domain::target::{TargetClass, TargetRefusal, check_target};
use crate::domain::wave::WaveRefusal;
use crate::service::campaign;
use crate::store::wave::{TargetPost, TaskRow, WaveRow};
use crate::store::{StoreError, Tx, claim, wave};

/// Gives every task of the wave its target; or says, by code, why the wave must be held.
pub(in crate::service) fn resolve(
    tx: &mut Tx<'_>,
    row: &WaveRow,
    tasks: &[TaskRow],
) -> Result<Result<(), &'static str>, StoreError> {
    let Some(layer) = Layer::from_number(row.layer) else {
        return Err(StoreError::Inconsistent(format!("wave {} has layer {}", row.id, row.layer)));
    };
    for task in tasks {
        let found = match &task.target.0 {
            TargetPlan::Message => continue,
            TargetPlan::Claim { claim_id, words } => match claim_refusal(tx, *claim_id, words.as_ref())? {
                Some(refusal) => return Ok(Err(refusal.code())),
                None => continue,
            },
            TargetPlan::Post { post_id } => wave::find_post(tx.conn, *post_id)?,
            TargetPlan::PostOf { wave_id } => choose(task, wave::posts_of(tx.conn, *wave_id)?),
        };
        let Some(post) = found else {
            return Ok(Err(WaveRefusal::NoTarget.code()));
        };
        let class = Layer::from_number(post.layer).map(TargetClass::Post);
        if class.is_none_or(|class| check_target(layer, class).is_err()) {
            return Ok(Err(TargetRefusal::NotForThisLayer.code()));
        }
        if wave::is_blocked(tx.conn, post.account_id)? {
            return Ok(Err(TargetRefusal::Blocked.code()));
        }
        if task.target_post_id != Some(post.id) {
            wave::set_target_post(tx, task.id, post.id)?;
        }
    }
    Ok(Ok(()))
}

/// Nobody is asked to answer with a fact that was changed since, or a claim that was closed: the wave is held until a person decides.
fn claim_refusal(tx: &mut Tx<'_>, id: ClaimId, words: Option<&ClaimWords>) -> Result<Option<TargetRefusal>, StoreError> {
    match claim::find(tx.conn, id)? {
        None => Ok(Some(TargetRefusal::NotRegistered)),
        Some(row) => campaign::claim_refusal(tx.conn, &row, words),
    }
}

/// The first post on the task's platform; where the action may cross platforms, else the first of all.
fn choose(task: &TaskRow, posts: Vec<TargetPost>) -> Option<TargetPost> {
    let same = posts.iter().position(|p| p.platform == task.platform);
    let any = (task.action.crosses_platforms() && !posts.is_empty()).then_some(0);
    same.or(any).and_then(|i| posts.into_iter().nth(i))
}

/// Whether every task has a post to point at by now; a cascade on two platforms waits for both.
pub(super) fn is_complete(tx: &mut Tx<'_>, tasks: &[TaskRow]) -> Result<bool, StoreError> {
    for task in tasks {
        if let TargetPlan::PostOf { wave_id } = &task.target.0
            && choose(task, wave::posts_of(tx.conn, *wave_id)?).is_none()
        {
            return Ok(false);
        }
    }
    Ok(true)
}
