# The pages about a campaign's delivery.
delivery = Delivery
delivery-about = What became of this campaign's mail. Nobody's address is shown, and small groups are not shown alone.
delivery-sums = The numbers
delivery-none = No mail has been made for this campaign yet.
delivery-adds-up = Planned is always sent, failed, unknown, withheld, cancelled and open together. What came back is part of what was sent.
delivery-wave = Wave
delivery-kind = Mail
delivery-kinds = By kind of mail
delivery-total = All waves
delivery-planned = Planned
delivery-sent = Sent
delivery-came-back = Came back
delivery-failed-short = Failed
delivery-unknown-short = Unknown
delivery-suppressed = Withheld
delivery-cancelled = Cancelled
delivery-open = Open
delivery-counted-at = There are very many mails: these figures were counted at { $time }.
delivery-in-part = There are very many mails: these figures are counted from 20,000 of them.
delivery-failed = Failed mails
delivery-none-failed = No mail has failed.
delivery-reason = Reason
delivery-mails = Mails
delivery-mail = Mail
delivery-when = When
delivery-next = Next attempt
delivery-retry = Send again
delivery-accept = Accept as sent
delivery-more = There are more than were counted here.
delivery-list = See each one
delivery-list-failed = Failed mails
delivery-list-unknown = Mails of unknown fate
delivery-list-deferred = Mails put off
delivery-list-about = The server's words, without the addresses in them.
delivery-list-none = There are none.
delivery-next-page = Next page
delivery-unknown = Mails of unknown fate
delivery-none-unknown = The fate of every mail is known.
delivery-unknown-about = { $n ->
    [one] { $n } mail was handed over and the answer was never heard. It may have arrived: it is not sent again by itself.
   *[other] { $n } mails were handed over and the answer was never heard. They may have arrived: they are not sent again by themselves.
}
delivery-accept-all = Accept all as sent
delivery-retry-all = Send all again
delivery-deferred = Put off
delivery-deferred-about = A server did not take these for now. They are tried again by themselves.
delivery-returned = What came back
delivery-none-returned = Nothing has come back.
delivery-last = last on
delivery-domains = By destination
delivery-domains-about = Destinations with few mails stand together, so that nobody can be told from them.
delivery-none-domains = No destination has enough mails to be shown.
delivery-domain = Destination
delivery-other-domains = All others together
delivery-rests = Rests
delivery-until = until
delivery-rests-not = no
delivery-done-retry = { $n ->
    [one] { $n } mail waits to be sent again.
   *[other] { $n } mails wait to be sent again.
}
delivery-done-accept = { $n ->
    [one] { $n } mail counts as sent.
   *[other] { $n } mails count as sent.
}
delivery-act-retry = Send again
delivery-act-accept = Accept as sent
delivery-act-none = None is left: somebody decided before you.
delivery-act-n-retry = { $n ->
    [one] { $n } mail will be sent again.
   *[other] { $n } mails will be sent again.
}
delivery-act-n-accept = { $n ->
    [one] { $n } mail will count as sent.
   *[other] { $n } mails will count as sent.
}
delivery-act-about-retry = They leave as soon as the permitted hours allow. What is no longer wanted by then is not sent. The log records your decision.
delivery-act-about-accept = They are not sent again, and their tasks count as announced. The log records your decision.
delivery-act-twice = Whoever got the first one gets it twice.
delivery-act-do-retry = { $n ->
    [one] Send { $n } mail again
   *[other] Send { $n } mails again
}
delivery-act-do-accept = { $n ->
    [one] Accept { $n } mail as sent
   *[other] Accept { $n } mails as sent
}
mail-reason-no_mailbox = There is no such mailbox
mail-reason-mailbox_full = The mailbox is full or takes nothing
mail-reason-refused = The receiving server refused us
mail-reason-put_off = The receiving server asked to wait
mail-reason-given_up = Tried many times in vain
mail-reason-no_answer = No answer was heard
mail-reason-bad_address = The address on file is not valid
mail-reason-not_written = The mail could not be written
mail-reason-other = The receiving server gave no clear reason
report-hard_bounce = no such mailbox
report-soft_bounce = did not arrive this time
report-refused = refused by the receiving server
report-delayed = delayed, still being tried
report-delivered = arrival confirmed
address-standing = Mail to this address
address-works = Nothing speaks against it.
address-bounced = Mail comes back: there is no such mailbox. Correct the address, or lift the suppression once the mailbox is there.
address-complained = Stopped: a mail was reported as unwanted.
address-suppressed = Stopped on request.
address-soft = { $n ->
    [one] { $n } mail in a row came back for now.
   *[other] { $n } mails in a row came back for now.
}
delivery-see = Look and decide
