//! The peer: nodemailer's connection pool, sending a message of the same size to the same sink.

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, ensure};
use serde::Deserialize;

const SCRIPT: &str = include_str!("../../../benches/peers/nodemailer.cjs");

/// What the peer's run found.
#[derive(Debug, Deserialize)]
pub(super) struct Peer {
    /// Its name and version.
    pub peer: String,
    /// Messages a second.
    pub per_s: f64,
}

/// Runs nodemailer from `modules` (a `node_modules` directory).
pub(super) fn run(modules: &Path, to: SocketAddr, connections: u32, messages: u32, size: usize) -> anyhow::Result<Peer> {
    let output = Command::new("node")
        .arg("-e")
        .arg(SCRIPT)
        .args([to.port().to_string(), connections.to_string(), messages.to_string(), size.to_string()])
        .env("NODE_PATH", modules)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .context("can't start node")?;
    ensure!(output.status.success(), "nodemailer's run failed: {}", output.status);
    serde_json::from_slice(&output.stdout).context("nodemailer's run printed no figures")
}
