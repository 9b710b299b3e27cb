//! The domain's rules, each kept and each broken once; and what honest replicas may do that looks like a breach.

use gaung::ledger::verify::Verdict;
use serde_json::json;

use super::sample::{FIRST, Story};

/// The story breaks a rule at this entry, with these words.
fn breaks(story: &Story, index: u64, words: &str) {
    let report = story.report();
    assert_eq!((report.verdict(), report.first_bad()), (Verdict::Invalid, Some(index)), "{:#?}", report.faults);
    assert!(report.faults[0].what.contains(words), "{:#?}", report.faults);
}

fn keeps(story: &Story) {
    let report = story.report();
    assert_eq!(report.verdict(), Verdict::Valid, "{:#?}", report.faults);
}

/// A story that went on for a minute more, so that nothing waits any longer.
fn later(mut story: Story) -> Story {
    story.at_us += 60_000_000;
    story.tell("member.added", json!({}));
    story
}

#[test]
fn a_long_and_honest_log_keeps_every_rule() {
    let mut story = Story::kept();
    story.answer("assignment.done", 1, json!({ "suspected": true }));
    story.answer("completion.confirmed", 1, json!({}));
    story.answer("assignment.undone", 1, json!({ "was": "done", "state": "notified" }));
    story.answer("assignment.declined", 1, json!({}));
    story.answer("assignment.undone", 1, json!({ "was": "declined", "state": "notified" }));
    story.done(1);
    story.answer("assignment.checked", 1, json!({ "ok": false }));
    story.answer("assignment.checked", 1, json!({ "ok": true }));
    story.answer("assignment.done", 2, json!({ "suspected": true }));
    story.done(2);
    story.answer("assignment.done", 3, json!({ "suspected": true }));
    story.answer("assignment.expired", 3, json!({}));
    story.answer("assignment.undone", 3, json!({ "was": "suspected", "state": "expired" }));
    story.done(99_999);
    story.tell("wave.closed", json!({}));
    story.tell("campaign.finished", json!({}));
    story.tell("something.new", json!({ "any": [1, "thing"] }));
    keeps(&later(story));
    keeps(&Story::of(700));
}

#[test]
fn a_wave_opens_under_a_release_of_what_was_written_last() {
    let mut story = Story::new();
    story.tell("campaign.created", json!({ "content_hash": "one" }));
    story.tell("wave.opened", json!({}));
    breaks(&later(story), 1, "not released");

    let mut story = Story::new();
    story.tell("campaign.created", json!({ "content_hash": "one" }));
    story.tell("campaign.edited", json!({ "content_hash": "two" }));
    story.tell("campaign.released", json!({ "content_hash": "one" }));
    breaks(&later(story), 2, "other content");

    let mut story = Story::kept();
    story.tell("campaign.edited", json!({ "content_hash": "three" }));
    breaks(&later(story), 6, "without its release being voided");

    let mut story = Story::new();
    story.tell("campaign.created", json!({ "content_hash": "one" }));
    story.tell("campaign.released", json!({ "content_hash": "one" }));
    story.tell("release.voided", json!({}));
    story.tell("campaign.edited", json!({ "content_hash": "two" }));
    story.tell("wave.opened", json!({}));
    breaks(&later(story), 4, "not released");

    let mut story = Story::new();
    story.tell("campaign.released", json!({ "content_hash": "one" }));
    breaks(&later(story), 0, "never created");

    let mut story = Story::kept();
    story.tell("wave.opened", json!({}));
    breaks(&later(story), 6, "a second time");

    let mut story = Story::new();
    story.tell("campaign.created", json!({ "content_hash": "one" }));
    story.tell("campaign.released", json!({ "content_hash": "one" }));
    story.tell("campaign.cancelled", json!({}));
    story.at_us += 5_000_001;
    story.tell("wave.opened", json!({}));
    breaks(&later(story), 3, "after its campaign had ended");
}

#[test]
fn a_completion_is_of_an_assignment_that_its_open_wave_made_and_there_is_one() {
    let mut story = Story::kept();
    story.leaves.remove(3);
    story.done(1);
    breaks(&later(story), 3, "had not opened");

    let mut story = Story::kept();
    story.done(100_000);
    breaks(&later(story), 6, "never made in its wave");

    let mut story = Story::kept();
    story.done(5);
    story.tell("mail.sent", json!({}));
    story.done(5);
    breaks(&later(story), 8, "completed a second time");

    let mut story = Story::kept();
    story.answer("assignment.declined", 5, json!({}));
    story.done(5);
    breaks(&later(story), 7, "not open any more");

    let mut story = Story::kept();
    story.answer("assignment.expired", 5, json!({}));
    story.done(5);
    breaks(&later(story), 7, "not open any more");

    for (kind, payload) in [
        ("assignment.undone", json!({ "was": "done", "state": "notified" })),
        ("completion.confirmed", json!({})),
        ("assignment.checked", json!({ "ok": true })),
    ] {
        let mut story = Story::kept();
        story.answer(kind, 5, payload);
        breaks(&later(story), 6, "was not there");
    }

    for end in ["wave.closed", "campaign.corrected"] {
        let mut story = Story::kept();
        story.tell(end, json!({}));
        story.at_us += 5_000_001;
        story.done(5);
        breaks(&later(story), 7, if end == "wave.closed" { "after its wave had closed" } else { "after its campaign had ended" });
    }

    let mut story = Story::kept();
    story.tell("assignment.done", json!({}));
    breaks(&later(story), 6, "does not say what it concerns");
}

#[test]
fn an_id_comes_once() {
    let mut story = Story::of(3_000);
    story.leaves[2_900].id = story.leaves[17].id;
    breaks(&story, 2_900, "the id of entry 17");
    let mut story = Story::of(600);
    let again = story.leaves[500].clone();
    story.leaves.insert(501, again);
    // Also where it is word for word the same entry.
    let report = story.report();
    assert!(
        report.faults.iter().any(|fault| fault.index == Some(501) && fault.what.contains("entry 500")),
        "{:?}",
        report.faults
    );
}

#[test]
fn times_step_back_by_an_hour_at_most() {
    let mut story = Story::kept();
    story.at_us -= 3_600_000_000 + 1_000_000;
    story.done(1);
    keeps(&story);
    let mut story = Story::kept();
    story.at_us -= 3_600_000_000 + 1_000_001;
    story.done(1);
    breaks(&story, 6, "more than an hour before");
}

#[test]
fn clocks_that_disagree_by_less_than_five_seconds_are_no_breach() {
    // The wave's own entry comes from a replica whose clock runs ahead: it is sealed behind what followed from it.
    let mut story = Story::kept();
    let opened = story.leaves.remove(3);
    story.leaves.insert(4, opened);
    story.done(1);
    keeps(&later(story));
    // Undone and done again, in the wrong order.
    let mut story = Story::kept();
    story.done(1);
    story.done(1);
    story.answer("assignment.undone", 1, json!({ "was": "done", "state": "notified" }));
    keeps(&later(story));
    // The same, but the other entry comes after six seconds of the log's time.
    let mut story = Story::kept();
    story.done(1);
    story.done(1);
    story.at_us += 6_000_000;
    story.answer("assignment.undone", 1, json!({ "was": "done", "state": "notified" }));
    breaks(&later(story), 7, "a second time");
    // Done just before the end, by a clock that runs ahead.
    let mut story = Story::kept();
    story.tell("campaign.cancelled", json!({}));
    story.done(1);
    keeps(&later(story));
}

#[test]
fn a_log_that_goes_on_from_another_may_tell_of_what_began_there() {
    let from_before = |story: &mut Story| {
        story.tell("wave.opened", json!({}));
        let ids = |n: u128| uuid::Uuid::from_u128(FIRST + n);
        story.tell("wave.assigned", json!({ "count": 10, "first_id": ids(0), "last_id": ids(9) }));
        story.done(1);
        story.tell("wave.closed", json!({}));
        story.tell("campaign.finished", json!({}));
    };
    let mut story = Story::new();
    story.tell("ledger.restarted", json!({}));
    from_before(&mut story);
    let report = later(story).report();
    assert_eq!((report.verdict(), report.from_before), (Verdict::Valid, 1), "{:#?}", report.faults);
    let mut story = Story::new();
    from_before(&mut story);
    breaks(&later(story), 0, "not released");
    // What begins in it is held to the rules all the same.
    let mut story = Story::kept();
    let mut restarted = Story::new().tell("ledger.restarted", json!({})).clone();
    restarted.id = uuid::Uuid::from_u128(1);
    story.leaves.insert(0, restarted);
    story.done(1);
    story.done(1);
    breaks(&later(story), 8, "a second time");
}

#[test]
fn leaves_of_other_forms_are_counted_and_what_is_no_entry_is_named() {
    use super::sample::{Memory, export, verified};
    let with = |leaf: &[u8]| {
        let mut leaves = Story::of(300).bytes();
        leaves[280] = leaf.to_vec();
        let place = Memory::default();
        export(&place, &leaves, &[]);
        verified(&place, &gaung::ledger::verify::Given::default()).unwrap()
    };
    let report = with(br#"{"v":2,"anything":["else"]}"#);
    assert_eq!((report.verdict(), report.other_forms), (Verdict::Valid, 1), "{:#?}", report.faults);
    for leaf in [&b"not JSON"[..], br#"{"v":1}"#, b"{}", br#"{"v":1,"id":"x"}"#, b""] {
        let report = with(leaf);
        assert_eq!((report.verdict(), report.first_bad()), (Verdict::Invalid, Some(280)), "{leaf:?}");
    }
    assert_eq!(Story::of(300).report().kinds.get("wave.opened"), Some(&1));
}
