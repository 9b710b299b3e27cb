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
