//! The README's pictures, taken of the product itself: `./scripts/screenshots`.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use base64::Engine as _;
use gaung::domain::locale::Locale;
use serde_json::json;

use super::chrome::{Browser, Device, Theme};

/// The largest picture.
const MOST_BYTES: usize = 100 * 1024;

/// `gaung demo`, as the README says to start it.
struct Demo {
    process: Child,
    lines: Vec<String>,
    _dir: tempfile::TempDir,
}

impl Demo {
    fn start() -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let mut command = Command::new(env!("CARGO_BIN_EXE_gaung"));
        command.args(["demo", "--port", "0", "--data-dir", "data"]).current_dir(dir.path()).env_clear();
        let mut process = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("the demo");
        let output = BufReader::new(process.stdout.take().expect("its output"));
        let mut lines: Vec<String> = Vec::new();
        for line in output.lines().map_while(Result::ok) {
            let is_last = line.starts_with("Stop it");
            lines.push(line);
            if is_last {
                break;
            }
        }
        Self { process, lines, _dir: dir }
    }
    /// What it says after a word.
    fn said(&self, head: &str) -> Vec<&str> {
        let line = self.lines.iter().find_map(|line| line.trim_start().strip_prefix(head));
        line.unwrap_or_else(|| panic!("no {head}: {:#?}", self.lines)).split_whitespace().collect()
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Keeps the top of the page, as well as the size allows.
async fn keep(browser: &Browser, name: &str, height: u32) {
    let width = browser.eval("innerWidth").await;
    let clip = json!({ "x": 0, "y": 0, "width": width, "height": height, "scale": 1 });
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("docs/images/{name}.webp"));
    for quality in [90, 80, 70, 60, 50] {
        let wanted = json!({ "format": "webp", "quality": quality, "clip": clip, "captureBeyondViewport": true });
        let shot = browser.cdp("Page.captureScreenshot", wanted).await;
        let shot = base64::engine::general_purpose::STANDARD.decode(shot["data"].as_str().expect("a picture")).expect("base64");
        if shot.len() <= MOST_BYTES {
            std::fs::write(&place, shot).expect("a file");
            return;
        }
    }
    panic!("{name} is larger than {MOST_BYTES} bytes");
}

async fn sign_in(browser: &Browser, demo: &Demo, desk: &str) {
    let said = demo.said(desk);
    browser.session("").await;
    browser.goto("/sign-in").await;
    browser.fill("#email", said[0]).await;
    browser.fill("#password", said[1]).await;
    browser.press("form[action='/sign-in'] button, main form button").await;
    browser.find(".side").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "writes docs/images: ./scripts/screenshots"]
async fn of_the_product() {
    let demo = Demo::start();
    let base = demo.said("Gaung is running at")[0].to_owned();
    let browser = Browser::open(&base, Device::Phone390).await;
    browser.language(Locale::En).await;
    browser.goto(demo.said("member")[0]).await;
    keep(&browser, "task", 844).await;

    browser.device(Device::Desktop1280).await;
    sign_in(&browser, &demo, "lead").await;
    browser.goto("/campaigns").await;
    let campaign = browser.eval("[...document.querySelectorAll('main a[href^=\"/campaigns/0\"]')].find((a) => a.textContent.includes('Pekan Layanan')).pathname").await;
    browser.goto(campaign.as_str().expect("a path")).await;
    keep(&browser, "campaign", 900).await;

    browser.goto("/register").await;
    keep(&browser, "register", 800).await;

    browser.theme(Theme::Dark).await;
    sign_in(&browser, &demo, "auditor").await;
    browser.goto("/log").await;
    keep(&browser, "log", 900).await;
}
