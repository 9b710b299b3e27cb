# The public register.

register-title = Public register
register-description = The accounts that speak for { $institution }, their disclosures, and the campaigns that ran.
register-nav = Parts of the register
register-question = Who speaks for { $institution }?
register-about = Every account that this institution runs or engages is on record here with its public disclosure. Anyone may read, check and cite it.
register-accounts = Accounts
register-listed = Accounts on record
register-no-accounts = Accounts appear here once a second person has confirmed their disclosure.
register-none-filtered = No account on record matches this filter.
register-account = Account
register-handle = Handle
register-kind = Kind
register-engagement = In return
register-operator = Operated by
register-disclosure = Public disclosure
register-where = See the disclosure
register-checked = checked { $when }
register-checked-label = Checked by a second person
register-valid-until = valid until { $when }
register-platform = Platform
register-any-platform = all platforms
register-any-unit = all units
register-filter = Filter
register-filter-clear = Clear the filter
register-more = More accounts
register-older = Earlier campaigns

register-voices = Four layers of voices
register-layer-0 = Main accounts
register-layer-0-about = The institution's own voice, under its own name.
register-layer-1 = Leaders and experts
register-layer-1-about = Leaders or experts from inside, and engaged outsiders. What they get in return, if anything, is said.
register-layer-2 = Conversational accounts
register-layer-2-about = They answer people's questions; some bear another brand's name, but who runs them is always said.
register-layer-3 = Employees' own accounts
register-advocates = { $n ->
    [one] One employee's own account takes part by free choice; it is not named.
   *[other] { $n } employees' own accounts take part by free choice; they are not named.
  }
register-advocates-few = They take part by free choice. There are too few of them to give a number without telling who.

register-kind-official = official account
register-kind-kol_internal = leader or expert from inside
register-kind-kol_external = engaged outsider
register-kind-interactive = the institution's conversational account
register-kind-white_label = another brand, run by the institution
register-kind-advocate = employee's own account
register-verdict-official = Official account
register-verdict-kol_internal = Affiliated, disclosed
register-verdict-kol_external = Affiliated, disclosed
register-verdict-interactive = Official account
register-verdict-white_label = Run by the institution, disclosed
register-verdict-advocate = Affiliated, disclosed
register-verdict-former = No longer on record
register-verdict-no = Not on record
register-account-about = This account is on record in the public register of { $institution }.
register-former-about = This account was on record, but has no disclosure in force at present. Don't take its posts for the institution's voice.

register-check = Check an account
register-check-title = Is this account affiliated?
register-check-about = Paste a handle, the address of a profile or that of a post, and the register says whether the account speaks for { $institution }.
register-ask = Is this account affiliated?
register-ask-hint = For example @accountname or https://www.instagram.com/accountname/
register-ask-button = Check
register-answer-yes = Yes, this account is on record
register-answer-no = This account is not in the register
register-answer-no-about = It is no account on record of { $institution }. Employees' own accounts are answered for here only where their owner chose so; this answer says nothing about who owns the account.
register-answer-asked = Looked up: { $names }
refused-ask-empty = Type a handle such as @example, or paste the address of a profile or post
refused-ask-short_link = This is a short link: open it, then paste the address that the browser shows
refused-ask-other_site = This address is of none of the platforms in the register
refused-ask-no_account = This address names no account: paste the address of the profile, or type the handle
refused-ask-unreadable = This is neither a handle nor an address: type a handle such as @example

register-campaigns = Campaigns that ran
register-campaigns-short = Campaigns
register-campaigns-about = What was said, who answers for it, when, whether anybody was paid, and how many accounts took part.
register-no-campaigns = Campaigns appear here once their first wave has opened.
register-message = Message
register-facts = Facts and their sources
register-no-facts = This campaign gave no further facts.
register-source = Source
register-who = Who and when
register-sponsor = Answers for it
register-money = Payment
register-paid = paid
register-unpaid = nobody is paid
register-paid-about = Some participants are paid; paid posts carry an ad label.
register-unpaid-about = No participant is paid.
register-state = State
register-state-draft = draft
register-state-submitted = submitted
register-state-released = released
register-state-running = running
register-state-finished = finished
register-state-paused = paused
register-state-cancelled = cancelled
register-state-corrected = corrected
register-began = Began
register-ended = Ended
register-not-ended = not yet
register-corrections = Corrections
register-no-corrections = none
register-corrected = This campaign was corrected.
register-corrected-about = Its message is no longer spread; those who posted it were asked to mend or remove their posts.
register-numbers = How many accounts took part
register-numbers-about = Tasks given to the accounts of each layer, and those reported done. Everyone may decline without a reason.
register-no-numbers = No task has been given yet.
register-asked = { $n ->
    [one] one task given
   *[other] { $n } tasks given
  }
register-done = { $n ->
    [one] one done
   *[other] { $n } done
  }
register-withheld = too few people to tell
register-address = This page's lasting address:
engagement-unpaid = unpaid
engagement-in_kind = in kind
engagement-paid = paid

register-badge = A badge for the profile
register-badge-about = This account may show the badge below, or a link to this page, so that anyone can check it.
register-badge-alt = On record in the public register
register-badge-link = Link for a profile
register-badge-html = Code for a web site
register-badge-official = Official account
register-badge-operated = Operated by
register-badge-affiliated = Affiliated, disclosed
register-badge-former = No longer on record

register-data = Open data
register-data-about = You may use what is in this register.
register-data-json = the whole register in one file
register-data-accounts = accounts, for spreadsheets
register-data-campaigns = campaigns, for spreadsheets
register-data-feed = news for feed readers
register-feed-about = Campaigns that began or ended, and accounts whose disclosure was confirmed.
register-feed-began = Campaign began: { $title }
register-feed-corrected = Campaign corrected: { $title }
register-feed-ended = Campaign ended: { $title }
register-feed-account = Account on record: { $name }
register-rules = How to read this register
register-rule-names = No employee is named. A person's own account is on record only where they chose so.
register-rule-groups = No figure is given about a group so small that it would tell who.
register-rule-disclosure = Each account's disclosure is checked by a second person and holds for a year at most.
register-contact = Something wrong? Write to
