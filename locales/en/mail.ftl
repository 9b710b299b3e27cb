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
mail-no-tracking = This mail holds no remote image and no tracker. Opening a link changes nothing until you press a button on its page.
mail-copy-link = If the button does not work, copy this address into your browser:

## Task
mail-task-subject = { $action } on { $platform } by { $until }: { $title }
mail-reminder-subject = Reminder: { $action } on { $platform } by { $until }: { $title }
mail-task-intro = { $institution }, through { $unit }, asks for your help with the campaign “{ $title }”.
mail-reminder-intro = A task from { $institution }, through { $unit }, for the campaign “{ $title }” is still open.
mail-task-heading = What is asked
mail-task-asked = { $action } on { $platform } with the account { $handle }.
mail-task-target = The post in question
mail-task-deadline = Open until
mail-task-brief = Brief
mail-task-variants = Suggested wording
mail-task-variants-free = Take one, or change it as you like.
mail-task-variants-own = These are only examples: please use your own words.
mail-task-button = Open the task
mail-task-voluntary = This is voluntary. You may decline without a reason, and declining has no consequence. Superiors and coordinators see only counts, never the names of those who declined or stayed silent.
mail-task-decline = Decline this task
mail-task-pause = Pause all task mails
mail-why = Why you get this mail
mail-why-participate = You agreed to receive tasks from { $institution } for the account { $handle } on { $platform }.
mail-why-operate = You confirmed that you run the account { $handle } on { $platform } for { $institution }.

## Consent
mail-optin-subject = Would you like to take part? { $institution } asks for your consent
mail-optin-intro = { $institution } would like to ask you now and then to support its official message with your social media account. That happens only if you agree.
mail-optin-free = Taking part is voluntary and has no bearing on your work. If you do nothing, no task is sent. After agreeing, too, you can decline any task, pause, or leave at any time with one click.
mail-optin-button = Read and decide
mail-operate-subject = Please confirm that you run an account of { $institution }
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
mail-sign-in-ignore = Not you who asked? Ignore this mail: nobody is signed in unless the button on its page is pressed. Do not forward this mail.

## Test mail
mail-test-subject = [TEST] { $action } on { $platform } by { $until }: { $title }
mail-test-intro = This is a test mail to yourself: its links only open a preview, and nothing is counted. { $institution }, through { $unit }, asks for your help with the campaign “{ $title }”.
