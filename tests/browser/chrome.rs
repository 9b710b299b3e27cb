//! A headless Chromium of a test's own, driven through chromedriver and the DevTools protocol.

use std::io::{BufRead as _, BufReader};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use gaung::domain::locale::Locale;
use gaung::domain::text_enum::TextEnum as _;
use serde_json::{Value, json};
use thirtyfour::prelude::*;
use tokio::sync::{Semaphore, SemaphorePermit};

/// What to do where the browser is missing.
const INSTALL: &str =
    "the browser tests need Debian's chromium and chromium-driver, and axe-core: run ./scripts/test, which installs them";
/// Chromium is large: so many at once.
static SEATS: Semaphore = Semaphore::const_new(2);
/// Ends the driver and the browser when the test's end of the pipe closes, however the test ended.
const WATCH: &str = "command -v chromedriver >/dev/null || exit 127
chromedriver --port=0 & exec >/dev/null
read -r _
kill -KILL 0";
/// Notes down what the page's policy refused and what its script stumbled over, from the first byte on.
const LISTEN: &str = "window.heard = [];
addEventListener('securitypolicyviolation', (e) => heard.push(`policy: ${e.effectiveDirective} ${e.blockedURI} ${e.sourceFile}:${e.lineNumber}`), true);
addEventListener('error', (e) => heard.push(`error: ${e.message || e.target.src || e.target.href}`), true);
addEventListener('unhandledrejection', (e) => heard.push(`rejected: ${e.reason}`), true);";

/// What the page is looked at on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Device {
    Phone390,
    Narrow320,
    Desktop1280,
}

/// What the reader prefers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    Light,
    Dark,
}

/// A browser with a fresh profile; it ends with the test.
pub struct Browser {
    driver: Option<WebDriver>,
    base: String,
    process: Child,
    _output: BufReader<ChildStdout>,
    profile: tempfile::TempDir,
    _seat: SemaphorePermit<'static>,
}

impl Browser {
    /// Opens one for a server: light, in Indonesian, nobody signed in.
    pub async fn open(base: &str, device: Device) -> Self {
        let seat = SEATS.acquire().await.expect("never closed");
        let mut command = Command::new("sh");
        command.args(["-c", WATCH]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = command.process_group(0).spawn().expect("a shell");
        let mut output = BufReader::new(process.stdout.take().expect("its output"));
        let port = port(&mut output).expect(INSTALL);
        let profile = tempfile::tempdir().expect("a temporary directory");
        let mut caps = DesiredCapabilities::chrome();
        for argument in [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-quic",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-first-run",
            "--no-proxy-server",
            "--hide-scrollbars",
        ] {
            caps.add_arg(argument).expect("an argument");
        }
        caps.add_arg(&format!("--user-data-dir={}", profile.path().display())).expect("an argument");
        caps.set_browser_log_level(thirtyfour::LoggingPrefsLogLevel::All).expect("a log");
        let driver = WebDriver::new(format!("http://127.0.0.1:{port}"), caps).await;
        let driver = driver.unwrap_or_else(|e| panic!("{INSTALL}\n{e}"));
        let browser = Self { driver: Some(driver), base: base.to_owned(), process, _output: output, profile, _seat: seat };
        browser.cdp("Page.addScriptToEvaluateOnNewDocument", json!({ "source": LISTEN })).await;
        browser.device(device).await;
        browser.theme(Theme::Light).await;
        browser.language(Locale::Id).await;
        browser
    }

    /// The driver, for what has no shorter word here.
    pub fn driver(&self) -> &WebDriver {
        self.driver.as_ref().expect("open until dropped")
    }
    /// A command of the DevTools protocol.
    pub async fn cdp(&self, method: &str, parameters: Value) -> Value {
        self.driver().cdp().send_raw(method, parameters).await.unwrap_or_else(|e| panic!("{method}: {e}"))
    }
    /// The value of an expression, or what its promise gives.
    pub async fn eval(&self, expression: &str) -> Value {
        let parameters = json!({ "expression": expression, "awaitPromise": true, "returnByValue": true });
        let answer = self.cdp("Runtime.evaluate", parameters).await;
        assert!(answer["exceptionDetails"].is_null(), "{}", answer["exceptionDetails"]);
        answer["result"]["value"].clone()
    }

    /// The screen.
    pub async fn device(&self, device: Device) {
        let (width, height, scale, mobile) = match device {
            Device::Phone390 => (390, 844, 2, true),
            // As a desktop at 400 %, where a page that is too wide does not zoom out.
            Device::Narrow320 => (320, 640, 1, false),
            Device::Desktop1280 => (1280, 900, 1, false),
        };
        let screen = json!({ "width": width, "height": height, "deviceScaleFactor": scale, "mobile": mobile });
        self.cdp("Emulation.setDeviceMetricsOverride", screen).await;
    }
    /// The colours. Nothing moves.
    pub async fn theme(&self, theme: Theme) {
        let scheme = if theme == Theme::Dark { "dark" } else { "light" };
        let features = json!([
            { "name": "prefers-color-scheme", "value": scheme },
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ]);
        self.cdp("Emulation.setEmulatedMedia", json!({ "features": features })).await;
    }
    /// The language, as somebody chose it before.
    pub async fn language(&self, locale: Locale) {
        self.cookie("lang", locale.as_str()).await;
    }
    /// Whether pages may run scripts.
    pub async fn scripts(&self, run: bool) {
        self.cdp("Emulation.setScriptExecutionDisabled", json!({ "value": !run })).await;
    }
    /// Signs somebody in by their session's token; an empty one signs out.
    pub async fn session(&self, token: &str) {
        self.cookie("gaung", token).await;
    }
    async fn cookie(&self, name: &str, value: &str) {
        if value.is_empty() {
            self.cdp("Network.deleteCookies", json!({ "name": name, "url": self.base })).await;
            return;
        }
        self.cdp("Network.setCookie", json!({ "name": name, "value": value, "url": self.base, "httpOnly": true })).await;
    }

    /// Goes to a path or an address; gives the answer's status.
    pub async fn goto(&self, path: &str) -> i64 {
        let url = if path.starts_with("http") { path.to_owned() } else { format!("{}{path}", self.base) };
        self.driver().goto(&url).await.unwrap_or_else(|e| panic!("{path}: {e}"));
        self.eval("performance.getEntriesByType('navigation')[0].responseStatus").await.as_i64().unwrap_or_default()
    }
    /// The path and query of the page shown.
    pub async fn path(&self) -> String {
        self.eval("location.pathname + location.search").await.as_str().unwrap_or_default().to_owned()
    }
    /// Waits for the page with this path, whatever its query.
    #[track_caller]
    pub fn arrive(&self, wanted: &str) -> impl Future<Output = ()> {
        let (wanted, place) = (wanted.to_owned(), std::panic::Location::caller());
        async move {
            for _ in 0..200 {
                let ready = "[location.pathname, document.readyState === 'complete']";
                if self.eval(ready).await == json!([wanted, true]) {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            panic!("{place}: at {}, not {wanted}: {}", self.path().await, self.words().await);
        }
    }
    /// The words of the page's main part.
    pub async fn words(&self) -> String {
        self.eval("document.querySelector('main').innerText").await.as_str().unwrap_or_default().to_owned()
    }
    /// The first element that matches, waited for.
    #[track_caller]
    pub fn find(&self, css: &str) -> impl Future<Output = WebElement> {
        let (driver, css, place) = (self.driver().clone(), css.to_owned(), std::panic::Location::caller());
        async move {
            let query = driver.query(By::Css(css.as_str())).wait(Duration::from_secs(10), Duration::from_millis(50));
            match query.first().await {
                Ok(element) => element,
                Err(e) => {
                    let page = driver.source().await.unwrap_or_default();
                    panic!("{place}: no {css}: {e}\n{page}")
                }
            }
        }
    }
    /// Presses what matches, where a finger would; a page that follows is waited for.
    #[track_caller]
    pub fn press(&self, css: &str) -> impl Future<Output = ()> {
        let (found, place) = (self.find(css), std::panic::Location::caller());
        async move {
            let element = found.await;
            element.scroll_into_view().await.unwrap_or_else(|e| panic!("{place}: {e}"));
            element.click().await.unwrap_or_else(|e| panic!("{place}: {e}"));
        }
    }
    /// Types into a field in place of what it held. A page that follows a press may take the field away: then it is looked for anew.
    #[track_caller]
    pub fn fill(&self, css: &str, text: &str) -> impl Future<Output = ()> {
        let (css, text, place) = (css.to_owned(), text.to_owned(), std::panic::Location::caller());
        async move {
            for tries in 0.. {
                let field = self.find(&css).await;
                let typed = async {
                    field.clear().await?;
                    field.send_keys(text.as_str()).await
                };
                match typed.await {
                    Ok(()) => return,
                    Err(e) if tries < 20 && e.to_string().contains("stale") => {
                        tokio::time::sleep(Duration::from_millis(50)).await
                    }
                    Err(e) => panic!("{place}: {e}"),
                }
            }
        }
    }
    /// A picture of the screen as PNG.
    pub async fn picture(&self) -> Vec<u8> {
        use base64::Engine as _;
        let shot = self.cdp("Page.captureScreenshot", json!({ "format": "png" })).await;
        base64::engine::general_purpose::STANDARD.decode(shot["data"].as_str().expect("a picture")).expect("base64")
    }
}

/// The port that chromedriver says it listens on.
fn port(output: &mut BufReader<ChildStdout>) -> Option<u16> {
    let mut lines = output.lines().map_while(Result::ok);
    lines.find_map(|line| line.strip_suffix('.')?.rsplit_once("successfully on port ")?.1.parse().ok())
}

impl Drop for Browser {
    fn drop(&mut self) {
        if let Some(driver) = self.driver.take() {
            let _ = driver.leak();
        }
        drop(self.process.stdin.take());
        let _ = self.process.wait();
        // What was killed may still hold a file of the profile for a moment.
        for _ in 0..50 {
            if std::fs::remove_dir_all(self.profile.path()).is_ok() {
                break;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}
