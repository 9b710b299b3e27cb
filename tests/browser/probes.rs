//! What a page is looked at for: axe-core's rules, sideways overflow, the policy and the console, the keyboard.

use std::sync::OnceLock;

use serde_json::{Value, json};

use super::chrome::{Browser, Device, Theme};

/// The standards held to, as axe-core names them.
const TAGS: &str = "['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']";
/// What the colours alone decide: looked at again in the dark.
const COLOURS: &str = "['color-contrast', 'link-in-text-block']";
const PROBE: &str = include_str!("probe.js");

/// axe-core, from the npm registry.
fn axe_source() -> &'static str {
    static SOURCE: OnceLock<String> = OnceLock::new();
    SOURCE.get_or_init(|| {
        let installed = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/browser/node_modules/axe-core/axe.min.js");
        let path = std::env::var("GAUNG_TEST_AXE").unwrap_or_else(|_| installed.into());
        std::fs::read_to_string(&path).unwrap_or_else(|e| {
            panic!("axe-core is not at {path} ({e}): run ./scripts/test, or npm ci --prefix tests/browser --ignore-scripts")
        })
    })
}

impl Browser {
    async fn axe_by(&self, kind: &str, values: &str) -> Vec<String> {
        if self.eval("typeof axe").await == json!("undefined") {
            self.eval(&format!("{};0", axe_source())).await;
        }
        let options =
            format!("{{ iframes: false, resultTypes: ['violations'], runOnly: {{ type: '{kind}', values: {values} }} }}");
        let run = format!("axe.run(document, {options}).then((r) => r.violations)");
        let found = self.eval(&run).await;
        let said = |v: &Value| {
            let nodes = v["nodes"].as_array().into_iter().flatten();
            let nodes = nodes.map(|n| format!("{} {}", n["target"], n["failureSummary"].as_str().unwrap_or_default()));
            let nodes = nodes.collect::<Vec<_>>().join(" | ").replace('\n', " ");
            format!("{}: {nodes}", v["id"].as_str().unwrap_or_default())
        };
        found.as_array().into_iter().flatten().map(said).collect()
    }
    /// Every finding of axe-core.
    pub async fn axe(&self) -> Vec<String> {
        self.axe_by("tag", TAGS).await
    }
    /// The findings about colours, in the dark.
    pub async fn axe_in_the_dark(&self) -> Vec<String> {
        self.theme(Theme::Dark).await;
        let found = self.axe_by("rule", COLOURS).await;
        self.theme(Theme::Light).await;
        found.into_iter().map(|finding| format!("dark {finding}")).collect()
    }
    /// What sticks out of a page that is 320 pixels wide (WCAG 1.4.10).
    pub async fn overflow(&self, back_to: Device) -> Vec<String> {
        self.device(Device::Narrow320).await;
        let found = strings(&self.eval(&format!("{PROBE};probe.overflow()")).await);
        self.device(back_to).await;
        found
    }
    /// What the content security policy refused, what the script stumbled over, what the console complained about.
    pub async fn complaints(&self) -> Vec<String> {
        let mut found = strings(&self.eval("window.heard").await);
        let log = self.driver().get_log("browser").await.expect("the console");
        // The check before a release shows a task page in a frame in which nothing may run, and that is said.
        let meant = |message: &str| {
            message.starts_with("http") && message.contains("/preview/") && message.contains("Blocked script execution")
        };
        found.extend(
            log.into_iter()
                .filter(|line| line.level != "INFO" && !meant(&line.message))
                .map(|line| format!("console: {}", line.message)),
        );
        found
    }
    /// Leaves a table's first rows: they stand for the others, which are alike.
    pub async fn shorten(&self) {
        self.eval("document.querySelectorAll('tbody > tr:nth-of-type(n+6)').forEach((row) => row.remove())").await;
    }
    /// Keys that no language has.
    pub async fn missing_words(&self) -> Vec<String> {
        strings(&self.eval("document.documentElement.outerHTML.match(/⟦[^⟧]*⟧/g) ?? []").await)
    }
    /// Presses Tab until the page has been gone through: what was not reached, not seen to have the focus, or lay hidden.
    pub async fn keyboard(&self) -> Vec<String> {
        let expected = self.eval(&format!("{PROBE};probe.begin()")).await.as_u64().expect("a number");
        for _ in 0..expected + 40 {
            let tab = json!({ "type": "rawKeyDown", "key": "Tab", "code": "Tab", "windowsVirtualKeyCode": 9 });
            self.cdp("Input.dispatchKeyEvent", tab).await;
            if self.eval("probe.stop()").await == json!(true) {
                break;
            }
        }
        strings(&self.eval("probe.end()").await)
    }
}

fn strings(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().map(|v| v.as_str().map_or_else(|| v.to_string(), str::to_owned)).collect()
}
