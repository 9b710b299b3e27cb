cascade = Cascade over time
cascade-about-picture = Each wave opens like a horn where it begins, as wide as the number of people it asks; what is filled is what is done. Curves lead from what started a wave. The table below says the same.
cascade-now = now
cascade-about = about
cascade-unknown = not known yet
cascade-key-done = done
cascade-key-asked = asked
cascade-key-post = registered post
cascade-none = The waves of this campaign and what starts them will be drawn here once one has a time.
cascade-table = See it as a table
cascade-wave = Wave
cascade-figures = Figures
wave-closes-title = Closes
dash-now = Now and next
dash-next-mail = Next mail
dash-mail-leaving = leaving now
dash-no-mail = no mail waits
dash-last-mail = The last mail that waits
no-later-than = no later than
preview-last-mail = The last mail leaves
preview-too-late = Will get no mail in time
preview-too-late-about = For these people no permitted time is left before the deadline: their mail hours, a holiday or their one mail a day come after it. The task still stands in My tasks.
preview-people = people
dash-next-wave = Next wave
dash-no-wave = no wave waits
dash-stuck = What is stuck
dash-nothing-stuck = Nothing is stuck.
dash-layers = Progress by layer
dash-of = of
dash-trouble = { $n ->
    [one] { $n } mail in trouble
   *[other] { $n } mails in trouble
}
dash-funnel = From asked to checked
dash-acts = What you can do
stuck-paused-mail = The service paused this campaign: { $refused } of its last { $of } mails were refused for good. Look at why on the delivery page, mend the list or the sender, then resume it.
stuck-paused = The campaign is paused: no wave opens and no mail leaves until somebody resumes it.
stuck-waits = waits for a post of { $wave }: as soon as one is registered, it opens.
stuck-nobody = opened, and nobody could be asked.
stuck-why = See why
stuck-failed = { $n ->
    [one] { $n } mail failed for good.
   *[other] { $n } mails failed for good.
}
stuck-unknown = { $n ->
    [one] Of { $n } mail nobody knows whether it arrived: a person decides.
   *[other] Of { $n } mails nobody knows whether they arrived: a person decides.
}
stuck-log = See them in the log
funnel-done = Done
funnel-linked = with the address of a post
funnel-checked = looked at by a reviewer
funnel-about = A like leaves no address, so it can only be declared. Waves that asked fewer than five people are left out.
curve = Completions over time
curve-about = Completions by layer, adding up over time
curve-none = What is done will add up here, layer by layer.
layer-name-0 = Main accounts
layer-name-1 = Opinion leaders
layer-name-2 = Conversational accounts
layer-name-3 = Employees
layer-short-0 = Main
layer-short-1 = Leaders
layer-short-2 = Conversation
layer-short-3 = Employees
design = Components
design-about = Every component in every state, for whoever builds pages.
design-buttons = Buttons
design-tags = Tags and chips
design-notices = Notices
design-fields = Fields
design-fault = Give a whole address, such as name@example.id
design-tables = Tables
design-facts = Facts
design-empty = Empty state
design-bars = Bars

# Why a wave is held.
refused-wave-late = Its time passed while nothing could open it, by more than its grace allows
refused-wave-no_post_came = The post it waits for was not registered in time
refused-wave-source_skipped = The wave it follows was left out
refused-wave-restored = The database was restored from a copy; this wave may have opened after the copy was made
refused-schedule-restored = The database was restored from a copy; this occurrence may have happened after the copy was made
correct-drill = DRILL
correct-drill-about = This is a drill: nothing is stopped, no member is mailed, nothing is published. What is measured is how long the two of you need.
correct-as-drill = As a drill: everything up to the confirmation, and nothing is done
correct-two = It takes two persons: another one, who may release this campaign, confirms. All of them are mailed at once.
correct-propose = Propose this correction
correct-propose-drill = Start the drill
correct-waits = Waits for a second person
correct-proposed = Proposed by { $who }, { $when }.
correct-who = Any one of these confirms:
correct-told = They have been mailed.
correct-confirm-drill = Confirm the drill
correct-withdraw = Withdraw the proposal
correct-look-at = Look at it
correct-ended = Before
correct-end-issued = Issued
correct-end-drilled = Drill run to its end
correct-end-withdrawn = Withdrawn
correct-seconds = { $n ->
    [one] after 1 second
   *[other] after { $n } seconds
}
