//! Writing a campaign without a manual and without script: one page for what it says, one for each wave. Nothing typed is lost; what is
//! incomplete is kept and listed, what is wrong is said at its field.

pub mod basics;
mod basics_form;
mod choices;
mod conflict;
mod look;
pub mod missing;
pub mod new_wave;
pub mod remove;
mod task_form;
pub mod wave;
mod wave_form;
mod wave_read;

use crate::service::FieldError;
use crate::web::faults::Faults;
use crate::web::view::View;

/// Whether a fault says only that something is still to come: a draft is kept with it, and not submitted.
fn is_incomplete(fault: &FieldError) -> bool {
    matches!(fault.code.as_str(), "content.empty" | "wave.no_tasks" | "campaign.no_waves" | "campaign.opens_in_the_past")
}

/// The id of the control for a place in the content, seen from its own page: `facts[0].text` is `facts-0-text`.
#[must_use]
pub fn anchor(path: &str) -> String {
    let path = path.strip_prefix("timing.").or_else(|| path.strip_prefix("audience.")).unwrap_or(path);
    match path {
        "open_minutes" => "open-n".to_owned(),
        "remind_minutes_before_end" => "remind-n".to_owned(),
        "grace_minutes" => "grace-n".to_owned(),
        "minutes" => "delay-n".to_owned(),
        "wave_id" => "source".to_owned(),
        list if ["units[", "exclude_units[", "exclude_accounts["].iter().any(|head| list.starts_with(head)) => {
            list.split('[').next().unwrap_or_default().to_owned()
        }
        // `facts[0].text`, `tasks[1].variants[2].text`
        other => other.replace("].", "-").replace('[', "-").replace(']', "").replace('.', "-"),
    }
}

/// The faults of a page's fields; `prefix` is the page's place in the content, e.g. `waves[1].`.
fn at_fields(v: &View, faults: &[FieldError], prefix: &str) -> Faults {
    let own = faults.iter().map(|fault| {
        let place = fault.field.strip_prefix(prefix).unwrap_or(&fault.field);
        FieldError::new(anchor(place), fault.code.clone(), fault.message.clone())
    });
    Faults::new(v, &own.collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::anchor;

    #[test]
    fn every_place_in_a_content_has_its_control() {
        for (path, id) in [
            ("title", "title"),
            ("facts[0].source_url", "facts-0-source_url"),
            ("avoid[2]", "avoid-2"),
            ("timing.local", "local"),
            ("timing.wave_id", "source"),
            ("open_minutes", "open-n"),
            ("audience.units[3]", "units"),
            ("audience.sample", "sample"),
            ("tasks[0].brief", "tasks-0-brief"),
            ("tasks[1].variants[2].text", "tasks-1-variants-2-text"),
            ("tasks", "tasks"),
        ] {
            assert_eq!(anchor(path), id);
        }
    }
}
