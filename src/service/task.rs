//! What a member does with a task, through a link and without a password: look, do, confirm, decline, undo, pause, leave.
//!
//! Looking changes nothing. Each act is part of one transaction that locks the assignment first, so that fifty presses of one button
//! follow each other and all but the first find it done. *Done*, which everybody presses at once, shares its transaction (`press`).

mod address;
mod complete;
mod correct;
mod data;
mod data_also;
mod decline;
mod link;
mod mine;
mod pause;
mod press;
mod receipt;
mod rights;
mod settings;
mod together;
mod undo;
mod view;

pub use address::ask_address;
pub use complete::{Completed, Done, complete, confirm};
pub use correct::{Answered, CorrectionSheet, answer_correction, correction_sheet};
pub(in crate::service) use data::held;
pub use data::{MyAccount, MyAnswer, MyConsent, MyData, MyEntry, MyMail, MyReport, MySuppression, Profile, my_data};
pub use data_also::{MyAddress, MyCorrection, MyDisclosure, MyPost, MyRequest};
pub use decline::{Declined, decline};
pub use link::{LinkRefusal, correction_token, pause_token, task_token};
pub use mine::{MyTask, MyTasks, Shelf, my_tasks};
pub(in crate::service) use pause::unsubscribe_by_mail;
pub use pause::{Standing, leave, pause_all, pause_for, resume, unsubscribe};
pub use press::Presses;
pub use receipt::{ReceiptRefusal, receipt};
pub(in crate::service) use rights::file as file_right;
pub use rights::{Confirmed, DataQuestion, RightsForm, ask_right, confirm_right, data_question, right_token};
pub use settings::{Institution, MySettings, SettingsForm, choose, end_pauses, settings};
pub use undo::{Undone, undo};
pub use view::{AccountView, CompletionView, TargetView, TaskView, VariantView, first_name, view};
