# The pages' texts. Every language has the same keys; Indonesian is the first.

## Times
weekday-1 = Mon
weekday-2 = Tue
weekday-3 = Wed
weekday-4 = Thu
weekday-5 = Fri
weekday-6 = Sat
weekday-7 = Sun
month-1 = Jan
month-2 = Feb
month-3 = Mar
month-4 = Apr
month-5 = May
month-6 = Jun
month-7 = Jul
month-8 = Aug
month-9 = Sep
month-10 = Oct
month-11 = Nov
month-12 = Dec
instant = { $weekday } { $day } { $month } { $year }, { $hour }:{ $minute } { $zone }
days-in = { $n ->
    [one] in { $n } day
   *[other] in { $n } days
}
hours-in = { $n ->
    [one] in { $n } hour
   *[other] in { $n } hours
}
minutes-in = { $n ->
    [one] in { $n } minute
   *[other] in { $n } minutes
}
moment-in = in a moment
days-ago = { $n ->
    [one] { $n } day ago
   *[other] { $n } days ago
}
hours-ago = { $n ->
    [one] { $n } hour ago
   *[other] { $n } hours ago
}
minutes-ago = { $n ->
    [one] { $n } minute ago
   *[other] { $n } minutes ago
}
moment-ago = a moment ago
length-days = { $n ->
    [one] { $n } day
   *[other] { $n } days
}
length-hours = { $n ->
    [one] { $n } hour
   *[other] { $n } hours
}
length-minutes = { $n ->
    [one] { $n } minute
   *[other] { $n } minutes
}

## Frame
skip = Skip to content
lang-other = Bahasa Indonesia
nav = Main
nav-campaigns = Campaigns
nav-log = Audit log
nav-register = Public register
nav-mailbox = Mailbox
nav-work = Campaign work
nav-organisation = Organisation
nav-record = Record
nav-administration = Administration
nav-approvals = Approvals
nav-calendar = Calendar
nav-units = Units
nav-members = Members
nav-accounts = Accounts
nav-disclosures = Disclosures
nav-import = Import
nav-samples = Samples
nav-users = Users and roles
nav-suppressions = Suppressions
nav-neutrality = Neutrality
nav-settings = Settings
nav-menu = Menu
problem = There is a problem
any = any
older = Older
next-page = Next
cancel = Cancel
back = Back

## Signing in
sign-in = Sign in
sign-out = Sign out
dispatch-held = The database was restored from a copy: nothing is sent and no wave opens until the operator lets it go on.
email = E-mail address
password = Password
sign-in-members = Members need not sign in: the link in the task's mail is enough.
sign-in-wrong = The e-mail address or the password is wrong
sign-in-limited = Too many attempts; try again in { $seconds } seconds

## Errors
error-back = Go back, or go to the
error-home = start page
error-request = Request number:
error-400 = The request could not be read
error-401 = Sign in first
error-403 = This is not allowed
error-404 = There is no such page
error-405 = This page is not called that way
error-409 = This can't be done now
error-413 = What was sent is too large
error-422 = Some input needs mending
error-429 = Too many attempts
error-500 = Something failed on our side
error-503 = The service is busy; try again in a moment
error-other = This request can't be answered

## Log
log = Audit log
log-about = People appear by a pseudonymous reference only, never by name.
log-filter = Filter the log
log-export = Download CSV
log-from = From ({ $zone })
log-to = To ({ $zone })
log-kind = Event
log-actor = Actor
log-subject = Person's reference
log-campaign = Campaign
log-unit = Unit
log-assignment = Assignment
log-wave = Wave
log-apply = Filter
log-clear = Clear
log-entries = Entries, newest first
log-searched-to = Searched as far as { $time }. There may be more beyond: go on to look there.
log-search-on = Search on
log-none = No entry matches.
log-at = Time
log-where = About
log-id = Entry number
log-commitment = Commitment
log-sealed = Sealed
log-unsealed = waits to be sealed
log-leaf = leaf { $index }
log-payload = Content
log-personal = Personal detail never enters the log; only its salted commitment is kept.
log-bad-time = Write a time like 2026-11-23T09:00
log-bad-kind = There is no such event
log-bad-id = This is no id

## Words
platform-x = X
platform-instagram = Instagram
platform-facebook = Facebook
platform-tiktok = TikTok
platform-youtube = YouTube
platform-linkedin = LinkedIn
platform-threads = Threads
do-publish = Publish the message
do-create = Make content of your own
do-rephrase = Say it in other words
do-answer = Answer with the fact and its source
do-like = Like the post
do-comment = Comment on the post
do-share = Share the post
assignment-planned = waiting
assignment-notified = open
assignment-done = done
assignment-checked = done and checked
assignment-declined = declined
assignment-expired = past its deadline
assignment-withdrawn = withdrawn

## A member's task
hello = Hello, { $name }
due-before = Please finish before
note-from = A note from { $who }
voluntary = Taking part is voluntary. Declining needs no reason and does not affect your appraisal.
task-paid = Some of those who take part in this campaign are paid; a paid post carries an ad label.
task-paused = You have paused; you may still do this task.
task-paused-link = Change
step-read = Read the post
open-post = Open the post
step-claim = Read the fact
claim-says = What is going around
claim-seen = See where
claim-fact = What is true
source = Source
step-words = Choose your words
step-words-hint = Copy one, then edit it so that it sounds like you.
step-own-words = Write it in your own words
step-own-words-hint = These texts are examples; please don't copy them as they are.
characters = { $n ->
    [one] { $n } character
   *[other] { $n } characters
}
copy = Copy
copied = Copied
do-where = On
do-account = with the account
facts = Facts, sources and what to avoid
avoid = Avoid
step-proof = Paste the link to your post
step-proof-required = This task needs the link to your post.
step-proof-optional = Leave it empty if your account is private.
step-say = Say when it is done
step-no-proof = A like leaves no link; your word is enough.
disclosure = My affiliation is visible in my profile or in my post
own-words = I used my own words
done = Done
decline = Not this time
recorded = What we record: when you finish or decline, and the link you paste, under a pseudonymous reference. Who declined is shown by name to nobody but you.
pause-link = Pause or leave
mine-link = My tasks
questions = Questions:
thanks = Thank you, { $name }
thanks-at = Recorded on { $when }.
thanks-declared = Without a link: recorded as your word.
thanks-checked = A reviewer has looked at it.
declined = You sit this one out
declined-text = No reason is needed, and nobody is told your name.
undo = Change my answer
undo-until = It can be changed until { $when }.
task-over-planned = This task is over
task-over-notified = This task is over
task-over-done = This task is over
task-over-checked = This task is over
task-over-declined = This task is over
task-over-expired = This task is over
task-over-withdrawn = This task was withdrawn by its sender
task-over-due = Its deadline was { $when }.
confirm-title = Was that you?
confirm-text = This answer came so quickly that a mail scanner may have sent it. It counts once you confirm it.
confirm-yes = Yes, I have done it

## Pausing and leaving
pause-title = Pause or leave
standing-active = You receive tasks
standing-paused = You have paused
standing-left = You have left
standing-text-active = You receive invitations by mail. Stop at any time, without a reason.
standing-text-paused = No task and no reminder is sent until you come back.
standing-text-left = All your consents are withdrawn. Nothing is sent any more.
pause-do = Pause
pause-hint = No task and no reminder until you come back by this page.
resume-do = Receive tasks again
leave-do = Leave and withdraw consent
leave-hint = To take part again, a coordinator has to invite you.
private = What you choose is shown by name to nobody but you.
unsubscribe = Stop the mails
unsubscribe-text = You will receive no task and no reminder until you come back yourself.
unsubscribe-do = Stop the mails
unsubscribed = You receive no more mails
unsubscribed-text = It is recorded; tasks that had not been sent are cancelled.
unsubscribed-back = Receive them again, or leave
mine = My tasks
mine-none = No task within the last 30 days.
mine-open = open

## Mailbox
mailbox-about = Mail that is kept during development; none of it is really sent.
mailbox-filter = Filter the mail
mailbox-to = To
mailbox-none = No mail yet.
mailbox-subject = Subject
mailbox-links = Links in it
mailbox-text = Text
mailbox-headers = Headers

## Campaigns, waves, consent
campaign-new = New campaign
campaign-filter = Filter the campaigns
campaign-state = State
campaign-list = Newest first
campaign-none = No campaign yet.
campaign-title = Title
campaign-created = Created
campaign-content = Content
campaign-facts = Facts
campaign-paid = Somebody is paid for taking part; the public register says so.
campaign-started = started { $when }
campaign-paused = paused { $when }
campaign-ended = ended { $when }
campaign-preview = Preview
campaign-edit = Edit the campaign
campaign-note = The approver's note:
campaign-faults = Mend before submitting
campaign-near = { $n ->
    [one] { $n } pair of suggested texts is nearly identical.
   *[other] { $n } pairs of suggested texts are nearly identical.
}
campaign-freeze = Election freeze:
campaign-freeze-reason = A second approver's reason is on file.
campaign-freeze-open = A second approver has to put a reason on file first.
campaign-waves = Waves
campaign-no-waves = No wave yet.
layer = Layer { $n }
wave-opens = Opens
wave-closes = closes
wave-open-for = open for { $length }
wave-held = Held:
wave-done = Done
wave-of = of { $n } done
wave-asked = Asked
wave-small = a small group's results are withheld
withheld = withheld
mail-sent-count = Mails sent
mail-open-count = waiting
mail-failed-count = failed
mail-unknown-count = of unknown fate
mail-suppressed-count = suppressed
mail-cancelled-count = cancelled
wave-units-largest = The { $n } units with the most tasks. The API gives all of them.
wave-units = By unit
campaign-hash = Content hash
campaign-released = Released
campaign-submitted = Submitted
campaign-log = Entries about this campaign
opens-after = after wave “{ $wave }” opens
opens-cascade = when a post of wave “{ $wave }” is registered
target-message = the campaign's message
target-post-of = the post of wave “{ $wave }”
target-post = registered post { $id }
target-claim = claim { $id }
campaign-acknowledge = We know that these texts are nearly identical
campaign-unit = Sponsoring unit
campaign-message = Message
campaign-message-hint = A single sentence.
campaign-edit-about = Saving voids a release; the campaign becomes a draft again.
save = Save
preview-about = Worked out now; nothing is sent.
preview-asked = tasks, one mail each
preview-earliest = At the earliest
preview-unknown = The time is not known yet
preview-collision = At the same time as:
preview-zones = By time zone
preview-platforms = By platform
preview-units = By unit
preview-skipped = Left out
preview-none-skipped = Nobody is left out.
preview-mail = The mail
preview-nobody = Nobody will be asked.
skip-account_not_active = Account not in service
skip-undisclosed = No current disclosure
skip-member_not_active = Paused or left
skip-no_consent = No consent
skip-suppressed_address = Suppressed address
skip-weekly_cap = Weekly cap reached
skip-asked_once = Asked through another account
skip-not_sampled = Outside the sample
state-draft = Draft
state-submitted = Submitted
state-released = Released
state-running = Running
state-finished = Finished
state-paused = Paused
state-cancelled = Cancelled
state-corrected = Corrected
wave-state-planned = Planned
wave-state-opening = Opening
wave-state-open = Open
wave-state-closed = Closed
wave-state-skipped = Skipped
wave-state-cancelled = Cancelled
act-submit = Submit
act-release = Release
act-return = Return
act-freeze-reason = Give a reason for the freeze
act-pause = Pause
act-resume = Resume
act-cancel = Cancel
act-wave-open = Open the wave now
act-wave-skip = Skip the wave
act-about-submit = The approvers get a mail. Somebody else releases the campaign, not you.
review-about-release = A release binds the content above by its hash. Any later edit voids it.
act-about-release = A release binds the content below by its hash. Any later edit voids it.
act-about-return = The campaign becomes a draft again, with your note.
act-about-freeze-reason = The reason belongs to the present content and goes into the log.
act-about-pause = No wave opens, and mail that is not sent stays back.
act-about-resume = The campaign goes on from where it stood; nothing is sent again.
act-about-cancel = Its waves, its open tasks and its unsent mail are stopped. This can't be undone.
act-about-wave-open = The wave opens with the next tick.
act-about-wave-skip = This wave will not open. Waves that wait for it are held.
act-reason-return = Note to the author
act-reason-freeze-reason = Reason
act-reason-pause = Reason
act-reason-cancel = Reason
act-reason-wave-skip = Reason
consent-participate = Will you take part?
consent-operate = Confirm the operator's role
consent-given = You agreed on { $when }.
consent-version = Version { $version }
consent-accounts = About the accounts
consent-give-participate = I agree
consent-give-operate = Yes, I operate it
consent-withdraw = Withdraw my consent
kind-official = official account
kind-kol_internal = internal opinion leader
kind-kol_external = external opinion leader
kind-interactive = conversational account
kind-white_label = white-label account
kind-advocate = employee's own account
wave-state-held = Held

## Mail samples
mailpreview = Mail samples
mailpreview-about = Every mail that this service writes, with made-up facts, in both languages. Nothing is sent.
mailpreview-messages = Mails
mailpreview-calendar = Calendar file
mailpreview-task = Task
mailpreview-operator_task = Operator's task
mailpreview-answer_task = Answer to a claim
mailpreview-reminder = Reminder
mailpreview-test = Test mail
mailpreview-digest = Several tasks
mailpreview-correction = Correction
mailpreview-opt_in = Consent
mailpreview-operate = Role confirmation
mailpreview-release_request = Release request
mailpreview-sign_in = Sign-in link
mailpreview-daily_report = Daily report
mailpreview-checkpoint = Checkpoint of the day

## Correcting a campaign
act-correct = Correct
act-about-correct = What this campaign said was wrong: stop it, ask everyone who completed a task to fix or remove what they published, and publish the correction in the public register. This can't be undone.
correct-check = Check the correction before it is issued
correct-effect = What will happen
correct-asked = { $n ->
    [one] { $n } person who completed a task gets a mail, outside their mail hours too
   *[other] { $n } people who completed a task get a mail, outside their mail hours too
}
correct-open = { $n ->
    [one] { $n } open task is withdrawn
   *[other] { $n } open tasks are withdrawn
}
correct-mails = { $n ->
    [one] { $n } unsent mail is cancelled
   *[other] { $n } unsent mails are cancelled
}
correct-waves = { $n ->
    [one] { $n } wave is closed, or does not open
   *[other] { $n } waves are closed, or do not open
}
correct-public = The text stands in the public register with your unit's name and the time
correct-withheld = Waves of small groups are corrected too, but their figures are not told.
correct-text = Text of the correction
correct-text-hint = Say what was wrong and what is right, with the source. This text is mailed and published as it stands.
correct-look = Check
correct-issue = { $n ->
    [one] Issue the correction and mail { $n } person
   *[other] Issue the correction and mail { $n } people
}
correct-write-again = Change the text
correction = Correction
correction-by = { $who }, { $when }
correction-asked = Asked to correct
correction-fixed = Fixed
correction-removed = Removed
correction-silent = No answer yet
correction-withheld = Waves of small groups are not counted here.
correction-public = See it in the public register
menu-report = Daily report
menu-report-about = On each working day at { $time }: the campaigns that run, how many were asked and have done it, and mail that waits for a decision. With nothing to tell there is no mail. Who audits gets the latest checkpoint of the log.
menu-report-on = You get this report.
menu-report-off = You do not get this report.
menu-report-stop = Stop the report
menu-report-start = Get the report

mailpreview-request_to_confirm = Confirm an erasure
mailpreview-request_refused = Request about data refused
