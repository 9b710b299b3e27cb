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
nav-mailbox = Mailbox
problem = There is a problem
any = any
older = Older
next-page = Next
cancel = Cancel
back = Back

## Signing in
sign-in = Sign in
sign-out = Sign out
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
done = I have done it
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
