//! A small institution to test in: a root with two subtrees, a user of each role, and an account of each kind, ready to take tasks.
//!
//! Everything is inserted through the store, so that a test of one service does not stand on another.

use diesel::prelude::*;
use gaung::app::App;
use gaung::domain::account::{AccountState, DisclosureState, Engagement};
use gaung::domain::actor::Actor;
use gaung::domain::event::EventKind;
use gaung::domain::id::{AccountId, ConsentId, DisclosureId, MemberId, UnitId, UserId};
use gaung::domain::kind::{AccountKind, ConsentKind};
use gaung::domain::locale::Locale;
use gaung::domain::member::MemberState;
use gaung::domain::platform::Platform;
use gaung::domain::role::{Grant, Role};
use gaung::domain::text_enum::TextEnum as _;
use gaung::service::Caller;
use gaung::store::account::{self, AccountRow};
use gaung::store::consent::{self, ConsentRow};
use gaung::store::disclosure::{self, DisclosureRow};
use gaung::store::member::{self, MemberRow};
use gaung::store::schema::{ledger_entries, user_roles, users};
use gaung::store::subject::{self, Holder};
use gaung::store::types::At;
use gaung::store::unit::{self, UnitRow};
use gaung::store::{StoreError, Tx};

use super::app::TestApp;
use super::database::Engine;

/// One subtree: a unit with an office below it.
pub struct Branch {
    /// The subtree's own unit.
    pub unit: UnitId,
    /// A unit below it.
    pub office: UnitId,
    /// One account of each kind on X, of six different members of `unit`, each disclosed, active and consented.
    pub accounts: Vec<(AccountKind, AccountId, MemberId)>,
}

impl Branch {
    /// The branch's account of a kind.
    pub fn account(&self, kind: AccountKind) -> AccountId {
        self.of(kind).1
    }
    /// The person of the branch's account of a kind.
    pub fn member(&self, kind: AccountKind) -> MemberId {
        self.of(kind).2
    }
    fn of(&self, kind: AccountKind) -> &(AccountKind, AccountId, MemberId) {
        self.accounts.iter().find(|(k, _, _)| *k == kind).expect("each kind is there")
    }
}

/// The institution. Every user but the north's and south's holds the role at the root.
pub struct World {
    pub test: TestApp,
    pub root: UnitId,
    pub north: Branch,
    pub south: Branch,
    pub admin: Caller,
    pub lead: Caller,
    pub approver: Caller,
    /// A second approver, for what the first may not do alone.
    pub second_approver: Caller,
    pub coordinator: Caller,
    pub auditor: Caller,
    pub north_lead: Caller,
    pub north_coordinator: Caller,
    pub south_lead: Caller,
    pub south_coordinator: Caller,
}

impl World {
    /// With the default configuration.
    pub fn new(engine: Engine) -> Self {
        Self::with_env(engine, &[])
    }

    /// With settings as `("GAUNG__SECTION__KEY", "value")`.
    pub fn with_env(engine: Engine, env: &[(&str, &str)]) -> Self {
        Self::around(TestApp::with_env(engine, env))
    }

    /// In an application of the caller's.
    pub fn around(test: TestApp) -> Self {
        let root = add_unit(&test.app, "KEMENCONTOH", None);
        let branch = |code: &str| {
            let unit = add_unit(&test.app, code, Some(root));
            let office = add_unit(&test.app, &format!("{code}-1"), Some(unit));
            let accounts = AccountKind::ALL
                .iter()
                .map(|kind| {
                    let word = kind.as_str().replace('_', "");
                    // Handles on X have at most 15 characters.
                    let handle: String = format!("{word}{}", code.to_lowercase()).chars().take(15).collect();
                    let member = add_member(&test.app, unit, &format!("{code}-{}", word.to_uppercase()));
                    (*kind, add_account(&test.app, member, *kind, Platform::X, &handle), member)
                })
                .collect();
            Branch { unit, office, accounts }
        };
        let (north, south) = (branch("UTR"), branch("SLT"));
        let user = |name: &str, role, unit_id| add_user(&test.app, name, &[Grant { role, unit_id }]);
        Self {
            root,
            admin: user("admin", Role::Admin, root),
            lead: user("lead", Role::Lead, root),
            approver: user("approver", Role::Approver, root),
            second_approver: user("second-approver", Role::Approver, root),
            coordinator: user("coordinator", Role::Coordinator, root),
            auditor: user("auditor", Role::Auditor, root),
            north_lead: user("north-lead", Role::Lead, north.unit),
            north_coordinator: user("north-coordinator", Role::Coordinator, north.unit),
            south_lead: user("south-lead", Role::Lead, south.unit),
            south_coordinator: user("south-coordinator", Role::Coordinator, south.unit),
            north,
            south,
            test,
        }
    }

    /// The application.
    pub fn app(&self) -> &App {
        &self.test.app
    }
    /// Another user: `name@kemencontoh.example`, who can't sign in.
    pub fn user(&self, name: &str, grants: &[Grant]) -> Caller {
        add_user(self.app(), name, grants)
    }
    /// Another unit.
    pub fn unit(&self, code: &str, parent: Option<UnitId>) -> UnitId {
        add_unit(self.app(), code, parent)
    }
    /// Another member: active, consented to both kinds, `<employee number>@kemencontoh.example`.
    pub fn member(&self, unit: UnitId, employee_no: &str) -> MemberId {
        add_member(self.app(), unit, employee_no)
    }
    /// Another account in the member's unit: active and disclosed for a year.
    pub fn account(&self, member: MemberId, kind: AccountKind, platform: Platform, handle: &str) -> AccountId {
        add_account(self.app(), member, kind, platform, handle)
    }
    /// The member's row.
    pub fn member_row(&self, id: MemberId) -> MemberRow {
        self.app().db.read_blocking(|conn| member::get(conn, id)).expect("the member")
    }
    /// The account's row.
    pub fn account_row(&self, id: AccountId) -> AccountRow {
        self.app().db.read_blocking(|conn| account::get(conn, id)).expect("the account")
    }
    /// Changes rows as if the world had moved on by itself; records nothing.
    pub fn change<T>(&self, f: impl FnOnce(&mut Tx<'_>) -> Result<T, StoreError>) -> T {
        silently(self.app(), f)
    }
    /// How many log entries of a kind there are.
    pub fn entries(&self, kind: EventKind) -> i64 {
        let count = |conn: &mut gaung::store::Conn| {
            Ok::<_, StoreError>(ledger_entries::table.filter(ledger_entries::kind.eq(kind)).count().get_result(conn)?)
        };
        self.app().db.read_blocking(count).expect("the count of entries")
    }
    /// How many log entries there are.
    pub fn all_entries(&self) -> i64 {
        let count = |conn: &mut gaung::store::Conn| Ok::<_, StoreError>(ledger_entries::table.count().get_result(conn)?);
        self.app().db.read_blocking(count).expect("the count of entries")
    }
}

fn silently<T>(app: &App, f: impl FnOnce(&mut Tx<'_>) -> Result<T, StoreError>) -> T {
    app.db
        .write_blocking(Actor::Operator, |tx| {
            tx.without_entry("a test sets the scene");
            f(tx)
        })
        .expect("set the scene")
}

fn add_unit(app: &App, code: &str, parent_id: Option<UnitId>) -> UnitId {
    silently(app, |tx| {
        let row = UnitRow {
            id: UnitId::new(),
            parent_id,
            code: code.into(),
            code_norm: code.to_uppercase(),
            name: format!("Unit {code}"),
            zone: "Asia/Jakarta".into(),
            created_at: At(tx.now),
            updated_at: At(tx.now),
            version: 1,
        };
        unit::insert(tx, &row)?;
        Ok(row.id)
    })
}

fn add_member(app: &App, unit_id: UnitId, employee_no: &str) -> MemberId {
    let email = format!("{}@kemencontoh.example", employee_no.to_lowercase());
    let versions = (app.config.consent.participate_version.clone(), app.config.consent.operate_version.clone());
    silently(app, |tx| {
        let at = At(tx.now);
        let row = MemberRow {
            id: MemberId::new(),
            unit_id,
            subject_ref: subject::new_ref(),
            employee_no: employee_no.into(),
            employee_no_norm: employee_no.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_uppercase(),
            name: format!("Orang {employee_no}"),
            email_norm: email.clone(),
            email,
            locale: Locale::Id,
            zone: "Asia/Jakarta".into(),
            state: MemberState::Active,
            participate_version: Some(versions.0.clone()),
            operate_version: Some(versions.1.clone()),
            link_version: 1,
            created_at: at,
            updated_at: at,
            version: 1,
        };
        member::insert(tx, &row)?;
        let consent = |kind, text_version| ConsentRow {
            id: ConsentId::new(),
            member_id: row.id,
            kind,
            text_version,
            requested_at: at,
            given_at: Some(at),
            withdrawn_at: None,
        };
        let given = [consent(ConsentKind::Participate, versions.0), consent(ConsentKind::Operate, versions.1)];
        consent::insert_many(tx, &given)?;
        Ok(row.id)
    })
}

fn add_account(app: &App, member_id: MemberId, kind: AccountKind, platform: Platform, handle: &str) -> AccountId {
    silently(app, |tx| {
        let at = At(tx.now);
        let until = At(tx.now + chrono::TimeDelta::days(365));
        let row = AccountRow {
            id: AccountId::new(),
            unit_id: member::get(tx.conn, member_id)?.unit_id,
            member_id,
            kind,
            layer: kind.layer().number(),
            personal: kind.is_personal(),
            platform,
            handle: handle.into(),
            handle_norm: handle.to_lowercase(),
            display_name: format!("Akun {handle}"),
            language: "id".into(),
            followers: 1000,
            engagement: (kind == AccountKind::KolExternal).then_some(Engagement::Unpaid),
            public_name: false,
            state: AccountState::Active,
            disclosed_until: Some(until),
            created_at: at,
            updated_at: at,
            version: 1,
        };
        account::insert(tx, &row)?;
        let disclosure = DisclosureRow {
            id: DisclosureId::new(),
            account_id: row.id,
            statement: "Akun ini dikelola pegawai Kementerian Contoh.".into(),
            url: format!("https://x.com/{}", row.handle_norm),
            state: DisclosureState::Confirmed,
            filed_by: "operator".into(),
            filed_at: at,
            checked_by: Some("a second person".into()),
            checked_at: Some(at),
            expires_at: Some(until),
            note: String::new(),
        };
        disclosure::insert_many(tx, &[disclosure])?;
        Ok(row.id)
    })
}

fn add_user(app: &App, name: &str, grants: &[Grant]) -> Caller {
    let id = UserId::new();
    let subject_ref = subject::new_ref();
    let email = format!("{name}@kemencontoh.example");
    silently(app, |tx| {
        let at = At(tx.now);
        diesel::insert_into(users::table)
            .values((
                users::id.eq(id),
                users::subject_ref.eq(&subject_ref),
                users::email.eq(&email),
                users::email_norm.eq(&email),
                users::name.eq(name),
                users::password_hash.eq("no password opens this"),
                users::locale.eq(Locale::Id),
                users::zone.eq("Asia/Jakarta"),
                users::active.eq(true),
                users::created_at.eq(at),
                users::updated_at.eq(at),
                users::version.eq(1),
                // Their reports would stand in the way of every count of mails; a test that is about them asks for them.
                users::daily_report.eq(false),
            ))
            .execute(tx.conn)?;
        subject::insert(tx, &[(subject_ref.as_str(), Holder::User(id))])?;
        for grant in grants {
            diesel::insert_into(user_roles::table)
                .values((
                    user_roles::user_id.eq(id),
                    user_roles::unit_id.eq(grant.unit_id),
                    user_roles::role.eq(grant.role),
                    user_roles::granted_at.eq(at),
                ))
                .execute(tx.conn)?;
        }
        Ok(())
    });
    Caller::User { id, subject_ref, grants: grants.to_vec() }
}
