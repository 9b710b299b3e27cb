//! A believable institution, the same for the same seed: a ministry, its directorates, regional offices in three time zones, its
//! people and their accounts, written as the CSV files that a coordinator would import.

use std::fmt::Write as _;

/// A unit: code, name, the code above, zone, and its weight among a hundred members.
type UnitLine = (&'static str, &'static str, &'static str, &'static str, u32);

/// The ministry does not exist; its shape does.
pub(super) const UNITS: &[UnitLine] = &[
    ("KLP", "Kementerian Layanan Publik", "", "Asia/Jakarta", 6),
    ("SETJEN", "Sekretariat Jenderal", "KLP", "Asia/Jakarta", 8),
    ("HUMAS", "Biro Komunikasi dan Layanan Informasi", "SETJEN", "Asia/Jakarta", 6),
    ("DJLD", "Direktorat Jenderal Layanan Digital", "KLP", "Asia/Jakarta", 12),
    ("DJPD", "Direktorat Jenderal Pelayanan Daerah", "KLP", "Asia/Jakarta", 4),
    ("BPSDM", "Badan Pengembangan Sumber Daya Manusia", "KLP", "Asia/Jakarta", 7),
    ("KANWIL-MDN", "Kantor Wilayah Sumatera Utara, Medan", "DJPD", "Asia/Jakarta", 9),
    ("KANWIL-SBY", "Kantor Wilayah Jawa Timur, Surabaya", "DJPD", "Asia/Jakarta", 13),
    ("KANWIL-MKS", "Kantor Wilayah Sulawesi Selatan, Makassar", "DJPD", "Asia/Makassar", 12),
    ("KANWIL-DPS", "Kantor Wilayah Bali, Denpasar", "DJPD", "Asia/Makassar", 9),
    ("KANWIL-AMQ", "Kantor Wilayah Maluku, Ambon", "DJPD", "Asia/Jayapura", 6),
    ("KANWIL-DJJ", "Kantor Wilayah Papua, Jayapura", "DJPD", "Asia/Jayapura", 8),
];

const GIVEN: &[&str] = &[
    "Adi", "Agus", "Andi", "Ayu", "Bambang", "Budi", "Citra", "Dedi", "Desi", "Dewi", "Dian", "Dwi", "Eka", "Eko", "Endang",
    "Fajar", "Fitri", "Gita", "Hadi", "Hendra", "Indah", "Intan", "Irfan", "Joko", "Kartika", "Lestari", "Made", "Maria",
    "Martha", "Nur", "Nyoman", "Putri", "Rahmat", "Ratna", "Rina", "Rizky", "Samuel", "Sari", "Siti", "Sri", "Teguh", "Tri",
    "Wahyu", "Wulan", "Yanto", "Yohanes", "Yulia", "Yusuf",
];
const FAMILY: &[&str] = &[
    "Anggraini",
    "Aritonang",
    "Asmara",
    "Darmawan",
    "Fauzi",
    "Firmansyah",
    "Ginting",
    "Gunawan",
    "Hakim",
    "Halim",
    "Handayani",
    "Harahap",
    "Hidayat",
    "Kurniawan",
    "Kusuma",
    "Latuconsina",
    "Mahendra",
    "Maharani",
    "Mulyani",
    "Nasution",
    "Nugroho",
    "Pangestu",
    "Pattiasina",
    "Permana",
    "Prasetyo",
    "Pratama",
    "Purnama",
    "Rahayu",
    "Ramadhan",
    "Rumbiak",
    "Santoso",
    "Saputra",
    "Setiawan",
    "Siregar",
    "Situmorang",
    "Sudirman",
    "Suryani",
    "Susanti",
    "Syahputra",
    "Utami",
    "Wanggai",
    "Wibowo",
    "Widodo",
    "Wijaya",
    "Yulianti",
];
const TOPICS: &[&str] = &["layanan", "digital", "keuangan", "pendidikan", "daerah"];

/// The people whose work the demo shows: employee number, name, unit, kind, platform, handle, display name, followers, engagement.
type Operator = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static [(&'static str, &'static str)],
    &'static str,
    u32,
    &'static str,
);

/// Accounts of layers 0 to 2, each with the person who runs it.
pub(super) const OPERATORS: &[Operator] = &[
    (
        "OP-001",
        "Ratna Wijaya",
        "HUMAS",
        "official",
        &[("x", "klp_ri"), ("instagram", "klp.ri"), ("facebook", "klp.ri.resmi")],
        "Kementerian Layanan Publik",
        480_000,
        "",
    ),
    (
        "OP-002",
        "Bambang Nugroho",
        "KANWIL-SBY",
        "official",
        &[("x", "klp_jatim"), ("instagram", "klp.jatim")],
        "KLP Jawa Timur",
        52_000,
        "",
    ),
    (
        "OP-003",
        "Andi Syahputra",
        "KANWIL-MKS",
        "official",
        &[("x", "klp_sulsel"), ("instagram", "klp.sulsel")],
        "KLP Sulawesi Selatan",
        31_000,
        "",
    ),
    (
        "OP-004",
        "Martha Rumbiak",
        "KANWIL-DJJ",
        "official",
        &[("x", "klp_papua"), ("instagram", "klp.papua")],
        "KLP Papua",
        18_500,
        "",
    ),
    (
        "KI-001",
        "Dr. Hendra Kusuma",
        "DJLD",
        "kol_internal",
        &[("x", "hendrakusuma_id")],
        "Hendra Kusuma, Dirjen Layanan Digital",
        96_000,
        "",
    ),
    (
        "KI-002",
        "Kartika Maharani",
        "BPSDM",
        "kol_internal",
        &[("instagram", "kartika.maharani")],
        "Kartika Maharani, Kepala BPSDM",
        41_000,
        "",
    ),
    (
        "KI-003",
        "Teguh Prasetyo",
        "SETJEN",
        "kol_internal",
        &[("x", "teguhprasetyo_")],
        "Teguh Prasetyo, Sekretaris Jenderal",
        27_000,
        "",
    ),
    (
        "KE-001",
        "Putri Asmara",
        "HUMAS",
        "kol_external",
        &[("instagram", "putriasmara.cerita")],
        "Putri Asmara",
        310_000,
        "unpaid",
    ),
    ("KE-002", "Rizky Halim", "HUMAS", "kol_external", &[("x", "rizkyhalim_data")], "Rizky Halim", 150_000, "in_kind"),
    ("KE-003", "Gita Purnama", "HUMAS", "kol_external", &[("instagram", "gitapurnama")], "Gita Purnama", 88_000, "paid"),
    (
        "IN-001",
        "Desi Handayani",
        "HUMAS",
        "interactive",
        &[("x", "tanya_klp"), ("instagram", "tanya.klp")],
        "Tanya KLP",
        73_000,
        "",
    ),
    ("IN-002", "Irfan Hakim", "DJLD", "interactive", &[("x", "bantu_klp")], "Bantu KLP", 22_000, ""),
    (
        "WL-001",
        "Dian Permana",
        "DJLD",
        "white_label",
        &[("x", "urusmudah_id"), ("instagram", "urusmudah.id")],
        "UrusMudah",
        134_000,
        "",
    ),
    ("WL-002", "Nyoman Utami", "KANWIL-DPS", "white_label", &[("instagram", "baliterlayani")], "Bali Terlayani", 46_000, ""),
];

/// The three CSV files.
pub(super) struct Files {
    pub units: String,
    pub members: String,
    pub accounts: String,
    /// How many accounts there are.
    pub account_count: u64,
}

/// A small generator (SplitMix64, Steele et al. 2014): the demo must be the same everywhere, secrets come from elsewhere.
#[derive(Debug, Clone)]
pub(super) struct Draw(u64);

impl Draw {
    /// A stream of its own for each seed and name.
    pub(super) fn new(seed: u64, name: &str) -> Self {
        let start =
            name.bytes().fold(seed ^ 0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0000_0100_0000_01b3));
        Self(start)
    }
    pub(super) const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
    /// A number below `n`.
    pub(super) const fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }
    fn pick<'a>(&mut self, list: &[&'a str]) -> &'a str {
        let i = usize::try_from(self.below(list.len().max(1) as u64)).unwrap_or_default();
        list.get(i).copied().unwrap_or_default()
    }
}

/// Writes the files for `members` employees besides the operators.
pub(super) fn files(seed: u64, members: u32) -> Files {
    let mut files = Files {
        units: "code,name,parent_code,zone\n".to_owned(),
        members: "employee_no,name,email,unit_code,locale,zone\n".to_owned(),
        accounts:
            "employee_no,kind,platform,handle,display_name,unit_code,language,followers,topics,engagement,public_name,operators,\
                   disclosure_statement,disclosure_url\n"
                .to_owned(),
        account_count: 0,
    };
    for (code, name, parent, zone, _) in UNITS {
        line(&mut files.units, &[code, name, parent, zone]);
    }
    for operator in OPERATORS {
        add_operator(&mut files, operator);
    }
    let mut draw = Draw::new(seed, "members");
    for n in 1..=members {
        add_employee(&mut files, &mut draw, n);
    }
    files
}

fn zone_of(unit: &str) -> &'static str {
    UNITS.iter().find(|u| u.0 == unit).map_or("Asia/Jakarta", |u| u.3)
}

fn add_operator(files: &mut Files, (number, name, unit, kind, accounts, display, followers, engagement): &Operator) {
    let email = format!("{}@klp.example.id", slug(name, '.'));
    line(&mut files.members, &[number, name, &email, unit, "id", zone_of(unit)]);
    for (platform, handle) in *accounts {
        let statement = match *kind {
            "official" => "Akun resmi Kementerian Layanan Publik".to_owned(),
            "white_label" => format!("{display} dikelola oleh Kementerian Layanan Publik"),
            "interactive" => format!("{display}: akun layanan Kementerian Layanan Publik"),
            "kol_external" => format!("Bekerja sama dengan Kementerian Layanan Publik ({engagement})"),
            _ => format!("{display}, Kementerian Layanan Publik"),
        };
        let operators = if matches!(*kind, "official" | "interactive" | "white_label") { *number } else { "" };
        let followers = followers.to_string();
        let url = profile(platform, handle);
        let fields = [
            number,
            kind,
            platform,
            handle,
            display,
            unit,
            "id",
            &followers,
            "layanan|digital",
            engagement,
            "yes",
            operators,
            &statement,
            &url,
        ];
        line(&mut files.accounts, &fields);
        files.account_count += 1;
    }
}

fn add_employee(files: &mut Files, draw: &mut Draw, n: u32) {
    let name = format!("{} {}", draw.pick(GIVEN), draw.pick(FAMILY));
    let mut ticket = draw.below(100);
    let unit = UNITS
        .iter()
        .find(|u| {
            let found = ticket < u64::from(u.4);
            ticket = ticket.saturating_sub(u64::from(u.4));
            found
        })
        .map_or("KLP", |u| u.0);
    let number = format!("P{n:07}");
    let email = format!("{}.{n}@klp.example.id", slug(&name, '.'));
    let locale = if draw.below(12) == 0 { "en" } else { "id" };
    line(&mut files.members, &[&number, &name, &email, unit, locale, zone_of(unit)]);
    // Everybody has one account, one in five a second one.
    let first = if draw.below(5) < 3 { "instagram" } else { "x" };
    let second = (draw.below(5) == 0).then_some(if first == "x" { "instagram" } else { "x" });
    for platform in std::iter::once(first).chain(second) {
        let handle = if platform == "x" { format!("{}{n}", short(&name)) } else { format!("{}.{n}", slug(&name, '.')) };
        let followers = (50 + draw.below(40) * draw.below(40)).to_string();
        let url = profile(platform, &handle);
        let topic = draw.pick(TOPICS);
        let fields = [
            &number,
            "advocate",
            platform,
            &handle,
            &name,
            unit,
            locale,
            &followers,
            topic,
            "",
            "no",
            "",
            "Pegawai Kementerian Layanan Publik",
            &url,
        ];
        line(&mut files.accounts, &fields);
        files.account_count += 1;
    }
}

/// The address of a post that this account could have published; unique for each `n`.
pub(super) fn post_url(platform: &str, handle: &str, n: u64) -> String {
    let handle = handle.trim_start_matches('@');
    match platform {
        "x" => format!("https://x.com/{handle}/status/{}", 1_990_000_000_000_000_000_u64 + n),
        "instagram" => format!("https://www.instagram.com/{handle}/p/D{n:010}/"),
        _ => format!("https://www.facebook.com/{handle}/posts/{}", 1_000_000_000_u64 + n),
    }
}

fn profile(platform: &str, handle: &str) -> String {
    match platform {
        "x" => format!("https://x.com/{handle}"),
        "instagram" => format!("https://www.instagram.com/{handle}/"),
        _ => format!("https://www.facebook.com/{handle}"),
    }
}

fn slug(name: &str, gap: char) -> String {
    let words = name.split_whitespace().map(|w| w.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase());
    words.filter(|w| !w.is_empty()).collect::<Vec<_>>().join(&gap.to_string())
}

/// X takes at most 15 characters, and the number needs up to seven of them.
fn short(name: &str) -> String {
    slug(name, '_').chars().take(8).collect::<String>().trim_end_matches('_').to_owned()
}

fn line(file: &mut String, fields: &[&str]) {
    for (i, field) in fields.iter().enumerate() {
        let comma = if i == 0 { "" } else { "," };
        // Writing to a String cannot fail.
        let _ = if field.contains([',', '"']) {
            write!(file, "{comma}\"{}\"", field.replace('"', "\"\""))
        } else {
            write!(file, "{comma}{field}")
        };
    }
    file.push('\n');
}
