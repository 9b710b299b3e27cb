# The public register.

register-title = Public register
register-about = Who speaks for this institution, under which disclosure, and what was asked of them. Anyone may read this.
register-accounts = Accounts
register-no-accounts = Accounts appear here once a second person has confirmed their disclosure.
register-account = Account
register-operator = Operated by
register-disclosure = Public disclosure
register-where = See it there
register-checked = checked { $when }
register-advocates = { $n ->
    [one] One employee's own account takes part by free choice; it is not named.
   *[other] { $n } employees' own accounts take part by free choice; they are not named.
  }
register-advocates-few = Fewer employees' own accounts take part than can be counted without telling who.
register-campaigns = Campaigns that ran
register-no-campaigns = Campaigns appear here once their first wave has opened.
register-paid = paid
register-unpaid = nobody is paid
register-asked = { $n ->
    [one] one task given
   *[other] { $n } tasks given
  }
register-done = { $n ->
    [one] one done
   *[other] { $n } done
  }
register-withheld = too few people to tell
engagement-unpaid = unpaid
engagement-in_kind = in kind
engagement-paid = paid
