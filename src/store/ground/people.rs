//! Units, members, accounts and disclosures.

use super::dialect::one_of;
use super::{Filler, Plan};
use crate::store::error::StoreError;

const FIRST: [&str; 16] = [
    "Ratna", "Budi", "Siti", "Agus", "Dewi", "Eko", "Rina", "Joko", "Wayan", "Made", "Putri", "Hasan", "Lestari", "Andi",
    "Maria", "Yusuf",
];
const LAST: [&str; 17] = [
    "Wulandari",
    "Santoso",
    "Rahma",
    "Saputra",
    "Kusuma",
    "Hidayat",
    "Siregar",
    "Nasution",
    "Wijaya",
    "Lubis",
    "Hutapea",
    "Pratama",
    "Sihombing",
    "Ginting",
    "Suryani",
    "Maulana",
    "Tanjung",
];
const DOMAINS: [&str; 5] =
    ["klp.example.id", "kanwil.klp.example.id", "mail.example.id", "surel.example.id", "daerah.example.id"];

impl Plan {
    /// The number of member `n`'s unit: neighbours work in the same one.
    pub(super) fn unit_no(&self, n: &str) -> String {
        let offices = (self.units - self.regions).max(1);
        format!("({} + (({n}) * {offices}) / {})", self.regions + 1, self.members.max(1))
    }
}

/// The domain of member `n`'s address.
pub(super) fn domain(n: &str) -> String {
    one_of(n, &DOMAINS)
}

fn name(n: &str) -> String {
    let usual = format!("{} || ' ' || {}", one_of(n, &FIRST), one_of(&format!("(({n}) / 16)"), &LAST));
    // One in ten thousand has a name that nobody else has: what a search finds late.
    format!("CASE WHEN ({n}) % 10000 = 4321 THEN 'Zulaikha Tanuwijaya ' || ({n}) ELSE {usual} END")
}

impl Filler<'_> {
    /// The units, the members and their accounts.
    ///
    /// # Errors
    /// The database's failure.
    pub fn people(&mut self, plan: &Plan) -> Result<(), StoreError> {
        self.units(plan)?;
        self.members(plan)?;
        self.accounts(plan)?;
        self.public(plan)
    }

    fn units(&mut self, plan: &Plan) -> Result<(), StoreError> {
        let (sql, made) = (self.sql, self.sql.instant(plan.from));
        let id = |n: &str| sql.id(&plan.ids.units, n);
        let (own, root, regions) = (id("n"), id("0"), plan.regions);
        let region = id(&format!("(1 + (n - {} ) % {regions})", regions + 1));
        let all = sql.series(0, plan.units);
        let number = sql.digits("n", 4);
        self.run(&format!(
            "INSERT INTO units (id, parent_id, code, code_norm, name, zone, created_at, updated_at, version) \
             SELECT {own}, CASE WHEN n = 0 THEN NULL WHEN n <= {regions} THEN {root} ELSE {region} END, 'U' || {number}, \
             'U' || {number}, CASE WHEN n = 0 THEN 'Kantor Pusat' WHEN n <= {regions} THEN 'Kantor Wilayah ' || {number} \
             ELSE 'Kantor ' || {number} END, 'Asia/Jakarta', {made}, {made}, 1 FROM {all}"
        ))?;
        let below = "INSERT INTO unit_closure (ancestor_id, descendant_id, depth) SELECT";
        self.run(&format!("{below} {own}, {own}, 0 FROM {all}"))?;
        self.run(&format!("{below} {root}, {own}, CASE WHEN n <= {regions} THEN 1 ELSE 2 END FROM {all} WHERE n > 0"))?;
        self.run(&format!("{below} {region}, {own}, 1 FROM {all} WHERE n > {regions}"))?;
        Ok(())
    }

    fn members(&mut self, plan: &Plan) -> Result<(), StoreError> {
        let (sql, made) = (self.sql, self.sql.instant(plan.from));
        let all = sql.series(0, plan.members - 1);
        let (id, unit) = (sql.id(&plan.ids.members, "n"), sql.id(&plan.ids.units, &plan.unit_no("n")));
        let subject = sql.id_text(&plan.ids.subjects, "n");
        let number = format!("'19' || {}", sql.digits("n", 16));
        let email = format!(
            "lower({}) || '.' || lower({}) || n || '@' || {}",
            one_of("n", &FIRST),
            one_of("(n / 16)", &LAST),
            domain("n")
        );
        let (name, version) = (name("n"), &plan.consent);
        self.run(&format!(
            "INSERT INTO members (id, unit_id, subject_ref, employee_no, employee_no_norm, name, email, email_norm, locale, zone, \
             state, participate_version, operate_version, link_version, created_at, updated_at, version) \
             SELECT {id}, {unit}, {subject}, {number}, {number}, {name}, {email}, {email}, 'id', 'Asia/Jakarta', \
             'active', '{version}', '{version}', 1, {made}, {made}, 1 FROM {all}"
        ))?;
        self.run(&format!(
            "INSERT INTO subjects (subject_ref, holder_kind, holder_id, created_at) SELECT {subject}, 'member', {id}, {made} FROM {all}"
        ))?;
        Ok(())
    }

    fn accounts(&mut self, plan: &Plan) -> Result<(), StoreError> {
        let (sql, made) = (self.sql, self.sql.instant(plan.from));
        let all = sql.series(0, plan.members - 1);
        let (id, unit) = (sql.id(&plan.ids.own, "n"), sql.id(&plan.ids.units, &plan.unit_no("n")));
        let member = sql.id(&plan.ids.members, "n");
        let day = 86_400_000_000_i64;
        let until = sql.at(&format!("{} + (10 + n % 300) * {day}", plan.until.timestamp_micros()));
        self.run(&format!(
            "INSERT INTO accounts (id, unit_id, member_id, kind, layer, personal, platform, handle, handle_norm, display_name, \
             language, followers, public_name, state, disclosed_until, created_at, updated_at, version) \
             SELECT {id}, {unit}, {member}, 'advocate', 3, TRUE, 'x', 'pegawai_' || n, 'pegawai_' || n, '', 'id', n % 5000, n % 5 = 0, \
             CASE WHEN n % 50 = 7 THEN 'suspended' ELSE 'active' END, {until}, {made}, {made}, 1 FROM {all}"
        ))?;
        Ok(())
    }

    fn public(&mut self, plan: &Plan) -> Result<(), StoreError> {
        let (sql, made) = (self.sql, self.sql.instant(plan.from));
        let all = sql.series(0, plan.public - 1);
        let spread = (plan.members / plan.public.max(1)).max(1);
        let n = format!("(n * {spread})");
        let (id, unit) = (sql.id(&plan.ids.public, "n"), sql.id(&plan.ids.units, &plan.unit_no(&n)));
        let member = sql.id(&plan.ids.members, &n);
        let day = 86_400_000_000_i64;
        let until = sql.at(&format!("{} + (10 + n % 300) * {day}", plan.until.timestamp_micros()));
        let checked = sql.at(&format!("{} + n * 1000000", plan.from.timestamp_micros()));
        let kind = one_of("n", &["official", "kol_internal", "interactive"]);
        let platform = one_of("n", &["facebook", "instagram", "youtube"]);
        let personal = "n % 3 = 1";
        self.run(&format!(
            "INSERT INTO accounts (id, unit_id, member_id, kind, layer, personal, platform, handle, handle_norm, display_name, \
             language, followers, public_name, state, disclosed_until, created_at, updated_at, version) \
             SELECT {id}, {unit}, {member}, {kind}, n % 3, {personal}, {platform}, 'kantor.' || n, 'kantor.' || n, \
             'Kantor Layanan ' || {digits}, 'id', 1000 + n, FALSE, 'active', {until}, {made}, {made}, 1 FROM {all}",
            digits = sql.digits("n", 6)
        ))?;
        let disclosure = sql.id(&plan.ids.disclosures, "n");
        self.run(&format!(
            "INSERT INTO disclosures (id, account_id, statement, url, state, filed_by, filed_at, checked_by, checked_at, expires_at, note) \
             SELECT {disclosure}, {id}, 'Akun resmi Kementerian Layanan Publik. Dikelola oleh kantor layanan nomor ' || n || '.', \
             'https://klp.example.id/akun/' || n, 'confirmed', 'operator', {made}, 'system', {checked}, {until}, '' FROM {all}"
        ))?;
        Ok(())
    }
}
