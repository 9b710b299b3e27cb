# The mails' texts. Every language has the same keys; Indonesian is the first and the fall-back.

## Times
mail-weekday-1 = Monday
mail-weekday-2 = Tuesday
mail-weekday-3 = Wednesday
mail-weekday-4 = Thursday
mail-weekday-5 = Friday
mail-weekday-6 = Saturday
mail-weekday-7 = Sunday
mail-month-1 = January
mail-month-2 = February
mail-month-3 = March
mail-month-4 = April
mail-month-5 = May
mail-month-6 = June
mail-month-7 = July
mail-month-8 = August
mail-month-9 = September
mail-month-10 = October
mail-month-11 = November
mail-month-12 = December
mail-day = { $weekday }, { $day } { $month } { $year }
mail-instant = { $weekday }, { $day } { $month } { $year } at { $hour }:{ $minute } { $zone }
mail-instant-short = { $day } { $month } { $hour }:{ $minute } { $zone }
mail-in-days = { $count ->
    [one] in { $count } day
   *[other] in { $count } days
}
mail-in-hours = { $count ->
    [one] in { $count } hour
   *[other] in { $count } hours
}
mail-in-minutes = { $count ->
    [one] in { $count } minute
   *[other] in { $count } minutes
}
mail-in-less-than-a-minute = in less than a minute
mail-is-past = already past

## Actions
mail-action-publish = Publish this message
mail-action-create = Make content of your own
mail-action-rephrase = Say it in other words
mail-action-answer = Answer with the fact and its source
mail-action-like = Like this post
mail-action-comment = Comment on this post
mail-action-share = Share this post

## Shared
mail-greeting = Hello { $name },
mail-campaign = Campaign
mail-message = Message
mail-register = Public register: who speaks for this institution, and what was asked
mail-no-tracking = No remote images, no tracking. Opening a link changes nothing until you press a button on its page.
mail-sent-by = Sent by { $institution } with Gaung.
mail-copy-link = If the button does not work, copy this address into your browser:

## Task
mail-task-subject = { $action } on { $platform } by { $until }: { $title }
mail-reminder-subject = Reminder: { $action } on { $platform } by { $until }: { $title }
mail-by = { $institution }, through { $unit },
mail-task-intro = { $by } asks for your help with the campaign “{ $title }”.
mail-reminder-intro = A task from { $by } for the campaign “{ $title }” is still open.
mail-task-heading = What is asked
mail-task-asked = { $action } on { $platform } with the account { $handle }.
mail-task-target = The post in question
mail-claim = What is going around
mail-claim-seen = Where it was seen
mail-claim-fact = What is true
mail-claim-source = Source
mail-claim-rule = Correct the claim with the fact and its source. Do not attack whoever spread it.
mail-task-deadline = Open until
mail-task-platform = Platform
mail-task-account = Account
mail-task-brief = Brief
mail-task-variants = Suggested wording
mail-task-variants-free = Take one, or change it as you like.
mail-task-variants-own = These are only examples: please use your own words.
mail-task-button = Open the task
mail-task-voluntary = This is voluntary. You may decline without a reason, and declining has no consequence. Superiors and coordinators see only counts, never the names of those who declined or stayed silent.
mail-calendar-summary = Task deadline: { $title }
mail-task-decline = Decline this task
mail-task-pause = Pause all task mails
mail-why = Why you get this mail
mail-why-participate = You agreed to receive tasks from { $institution } for the account { $handle } on { $platform }.
mail-why-operate = You confirmed that you run the account { $handle } on { $platform } for { $institution }.

## Consent
mail-optin-subject = Would you like to take part? { $institution } asks for your consent
mail-optin-title = Would you like to take part?
mail-optin-why = You get this mail because { $institution } has you on file as somebody to ask. It is sent once; without your consent no task follows.
mail-optin-intro = { $institution } would like to ask you now and then to support its official message with your social media account. That happens only if you agree.
mail-optin-free = Taking part is voluntary and has no bearing on your work. If you do nothing, no task is sent. After agreeing, too, you can decline any task, pause, or leave at any time with one click.
mail-optin-button = Read and decide
mail-operate-subject = Please confirm that you run an account of { $institution }
mail-operate-title = Do you run this account?
mail-operate-why = You get this mail because { $institution } has you on file as the operator of the accounts above.
mail-operate-intro = { $institution } has you on file as the operator of the accounts below. Please confirm once that this is right, before any task is sent.
mail-operate-free = If this is wrong, say so on the same page. If you do nothing, no task is sent. You may still decline any task without a reason.
mail-operate-button = Check and confirm
mail-optin-accounts = Accounts on file
mail-optin-text = What you would agree to
mail-optin-expires = This link works until { $when }.

## Release request
mail-release-subject = Waiting for your decision: { $title }
mail-release-intro = { $author } submitted a campaign of { $unit }, { $institution }, for you to release or return.
mail-release-scope = Scope
mail-release-waves = { $count ->
    [one] { $count } wave
   *[other] { $count } waves
}
mail-release-first = First wave opens
mail-release-opens-later = after the release; no fixed time yet
mail-release-button = Review the campaign
mail-release-note = No member is mailed before the campaign is released. A release holds for exactly the content you see; any later change voids it.
mail-release-why = You get this mail because you may release campaigns of this unit.

## Sign-in link
mail-sign-in-subject = Your sign-in link for the console of { $institution }
mail-sign-in-intro = With this link you sign in to the console of { $institution } without a password.
mail-sign-in-button = Go on to the sign-in page
mail-sign-in-expires = The link is good once, until { $when }.
mail-sign-in-why = Somebody asked for a sign-in link for this mail address.
mail-sign-in-ignore = Not you who asked? Ignore this mail: nobody is signed in unless the button on its page is pressed. Do not forward this mail.

## Test mail
mail-test-subject = [TEST] { $action } on { $platform } by { $until }: { $title }
mail-test-note = A test mail to yourself: its links only open a preview, and nothing is counted.

## Disclosure
mail-disclosure = Disclosure
mail-disclosure-participate = Write as yourself and do not hide your tie to { $institution }: the disclosure of the account { $handle } must stay readable in the profile or in the post. Paid content always carries an ad label.
mail-disclosure-operate = The account { $handle } speaks for { $institution }. Please see to it that its profile keeps saying so.
mail-disclosure-each = Do not hide your tie to the institution: each account's disclosure must stay readable in its profile or in the post. Paid content always carries an ad label.

## Several tasks in one mail
mail-digest-subject = { $count ->
    [one] { $count } task is waiting for you, open until { $until }
   *[other] { $count } tasks are waiting for you; the nearest by { $until }
}
mail-digest-intro = { $count ->
    [one] { $institution } asks for your help with { $count } task. What is done, declined or over is not listed.
   *[other] { $institution } asks for your help with { $count } tasks. What is done, declined or over is not listed.
}
mail-digest-first = Nearest deadline: { $when }.
mail-digest-button = See all tasks
mail-digest-open = Open this task
mail-digest-again = reminder
mail-digest-campaign = Campaign “{ $title }”, { $unit }
mail-digest-settings = Choose mail hours and whether tasks come together
mail-digest-why = You agreed to receive tasks from { $institution }, or run one of its accounts. Tasks near in time come together in one mail.

## Correction
mail-correction-subject = Correction of “{ $title }”: please fix or remove what you posted
mail-correction-preview = This campaign was wrong. Please fix or remove what you posted, and tell us.
mail-correction-title = Please fix or remove
mail-correction-intro = { $by } corrects the campaign “{ $title }” that you helped with. Its content turned out to be wrong; that was no fault of yours.
mail-correction-text = The correction
mail-correction-yours = The task that you reported done
mail-correction-yours-text = { $asked } You reported it done on { $when }.
mail-correction-do = What we ask
mail-correction-how-post = Fix your post on { $platform } as the correction says, or remove it.
mail-correction-how-comment = Change or remove your comment on { $platform }.
mail-correction-how-like = Take back your like of that post on { $platform }.
mail-correction-how-share = Remove your share on { $platform }, or add the correction to it.
mail-correction-then = Then tell us on this page.
mail-correction-button = Answer: fixed or removed
mail-correction-note = There is no deadline, but the sooner the better. Your answer is only counted, never shown with your name.
mail-correction-why = You get this mail because you reported a task of this campaign as done. Corrections are sent outside mail hours and during pauses too, because they are about what you published.
mail-correction-register = This correction also stands in the public register

## Daily report
mail-report-subject = { $count ->
    [one] Report for { $day }: { $count } campaign
   *[other] Report for { $day }: { $count } campaigns
}
mail-report-intro = How the campaigns of { $institution } stand that you may run, { $day }.
mail-report-done = { $done } of { $asked } done ({ $percent }%)
mail-report-withheld = { $asked } asked; the outcome is withheld because the group is small
mail-report-paused = Paused: { $why }
mail-report-failed = { $count ->
    [one] { $count } mail could not be delivered
   *[other] { $count } mails could not be delivered
}
mail-report-unknown = { $count ->
    [one] { $count } mail may or may not have arrived and waits for your decision
   *[other] { $count } mails may or may not have arrived and wait for your decision
}
mail-report-opens = Next: wave “{ $wave }”, { $when }
mail-report-opens-later = Next: wave “{ $wave }”, after what comes before it
mail-report-last-mail = The last mail leaves by { $when }
mail-report-button = Open the console
mail-report-why = You get this report once a day while a campaign runs that you may run at { $institution }.
mail-report-stop = Stop the daily report

mail-request-export = a copy of your data
mail-request-correct = a correction of your data
mail-request-withdraw = the end of every consent
mail-request-erase = the erasure of your data
mail-notice-request-to-confirm-subject = Please confirm: the erasure of your data
mail-notice-request-to-confirm-title = Shall we erase your data?
mail-notice-request-to-confirm-intro = On your page somebody asked { $institution } for { $about }. Open the page below, read what will happen, and confirm. It can't be undone.
mail-notice-request-to-confirm-note = If it was not you, do nothing: after three days the link ends, and nothing has changed.
mail-notice-request-to-confirm-button = Read and confirm
mail-notice-request-to-confirm-why = You get this mail because your own page was used to ask for it.
mail-notice-request-granted-subject = Your request was granted
mail-notice-request-granted-title = Your request was granted
mail-notice-request-granted-intro = You asked { $institution } for { $about }. It has been done.
mail-notice-request-granted-note = On your page you see everything that is held about you, and can take it away as a file.
mail-notice-request-granted-button = See my data
mail-notice-request-granted-why = You get this mail because you asked for something about your data.
mail-notice-request-refused-subject = Your request was not granted
mail-notice-request-refused-title = Your request was not granted
mail-notice-request-refused-intro = You asked { $institution } for { $about }. This is the answer:
mail-notice-request-refused-note = If you think that the answer is wrong, reply to this mail or ask again on your page.
mail-notice-request-refused-button = See my data
mail-notice-request-refused-why = You get this mail because you asked for something about your data.
mail-notice-request-due-subject = A request about personal data is due on { $about }
mail-notice-request-due-title = A request is due
mail-notice-request-due-intro = A request about personal data waits for its answer until { $about }. After that the statutory 3 × 24 hours are over.
mail-notice-request-due-note = Who asks, and for what, stands on its page only. If you cannot answer it in time, say so to the person before.
mail-notice-request-due-button = Open the request
mail-notice-request-due-why = You get this mail because you answer requests about data for this unit.
mail-notice-correction-to-confirm-subject = Confirm now: correction of { $about }
mail-notice-correction-to-confirm-title = A correction waits for you
mail-notice-correction-to-confirm-intro = { $by } proposes to correct the campaign "{ $about }". Nothing is stopped and nobody is mailed before you, or another approver, confirm. The text:
mail-notice-correction-to-confirm-note = Confirming stops the campaign's unsent mail, withdraws open tasks, asks everyone who took part to fix or remove their post, and puts the text into the public register.
mail-notice-correction-to-confirm-button = Look and confirm
mail-notice-correction-to-confirm-why = You get this mail because you may release campaigns of this unit.
mail-notice-drill-to-confirm-subject = DRILL: confirm the correction of { $about }
mail-notice-drill-to-confirm-title = DRILL: a correction waits for you
mail-notice-drill-to-confirm-intro = This is a drill. { $by } practises to correct the campaign "{ $about }". Act as you would in earnest. The text:
mail-notice-drill-to-confirm-note = Confirming stops nothing, mails no member and publishes nothing. What is measured is how long the two of you need.
mail-notice-drill-to-confirm-button = Look and confirm the drill
mail-notice-drill-to-confirm-why = You get this mail because you may release campaigns of this unit.
mail-notice-drill-done-subject = DRILL over: correction of { $about }
mail-notice-drill-done-title = The drill is over
mail-notice-drill-done-intro = The drill of a correction of "{ $about }" was run to its end. { $by }
mail-notice-drill-done-note = Nothing was stopped, no member was mailed, nothing was published. The drill is on the log.
mail-notice-drill-done-button = See the drill
mail-notice-drill-done-why = You get this mail because you were one of the two people of this drill.
mail-checkpoint-subject = Checkpoint of { $day }: { $size } entries
mail-checkpoint-intro = The checkpoint of the log of { $institution }, { $day }.
mail-checkpoint-sealed = { $size } entries are sealed; signed { $when }.
mail-checkpoint-intact = The service itself read the first { $size } entries anew and found them intact.
mail-checkpoint-broken = The service itself found that entry { $entry } is not what was sealed.
mail-checkpoint-unchecked = The service itself has not come to the end of a check yet.
mail-checkpoint-keep = Keep these lines, from the first to the last, in a file of your own: whoever has this checkpoint can tell any later change of an entry before it, without trusting the service.
mail-checkpoint-button = Verify it yourself
mail-checkpoint-why = You get the checkpoint once a working day because you audit at { $institution }.
mail-notice-address-to-confirm-subject = Please confirm your new address
mail-notice-address-to-confirm-title = Is this your address?
mail-notice-address-to-confirm-intro = Somebody asked { $institution } to send your tasks to { $about } from now on. Open the page below and confirm that you read mail at this address.
mail-notice-address-to-confirm-note = If you know nothing of it, do nothing: after seven days the link ends, and nothing is sent here.
mail-notice-address-to-confirm-button = Confirm this address
mail-notice-address-to-confirm-why = You get this one mail because the address was given as somebody's new one.
mail-notice-address-asked-subject = Another address was asked for
mail-notice-address-asked-title = Another address was asked for
mail-notice-address-asked-intro = Somebody asked { $institution } to send your tasks to { $about } in place of this address. That happens only once it is confirmed there.
mail-notice-address-asked-note = If that is not yours, tell the institution, or keep this address on the page below: until it is confirmed, everything goes on coming here.
mail-notice-address-asked-button = Open my settings
mail-notice-address-asked-why = You get this mail because your tasks have come to this address until now.
