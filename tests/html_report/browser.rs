//! A headless Chromium over the pipe of its DevTools protocol: JSON messages that end with a zero.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::Duration;

use libtest_mimic::Failed;
use serde_json::{Value, json};
use tempfile::TempDir;

/// Names under which it is installed.
const NAMES: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
];

/// What keeps it quiet and to itself.
const OPTIONS: &str = "--headless --no-sandbox --disable-gpu --no-first-run \
    --disable-background-networking --disable-component-update --disable-sync \
    --disable-dev-shm-usage --remote-debugging-pipe";

/// The browser on the path, if there is one.
pub fn find() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    NAMES
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)))
        .find(|path| path.is_file())
}

/// How long it may take to answer anything.
const PATIENCE: Duration = Duration::from_secs(60);

/// Reads messages as they come: each ends with a zero.
fn messages(output: ChildStdout) -> Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut output = BufReader::new(output);
        loop {
            let mut text = Vec::new();
            let read = output.read_until(0, &mut text);
            if read.is_err() || text.pop() != Some(0) || sender.send(text).is_err() {
                return;
            }
        }
    });
    receiver
}

/// One browser with one page.
pub struct Browser {
    child: Child,
    input: ChildStdin,
    /// What it says, message by message.
    output: Receiver<Vec<u8>>,
    session: Option<String>,
    next: u64,
    /// What was said on the console, thrown, or refused by the page's policy.
    complaints: Vec<String>,
    /// Every address that was asked for.
    requests: Vec<String>,
    _profile: TempDir,
}

impl Browser {
    /// Starts it with a page of this size.
    pub fn start(width: u32, height: u32) -> Result<Browser, Failed> {
        let program = find().ok_or("there is no chromium")?;
        let profile = tempfile::tempdir()?;
        // The protocol speaks on descriptors 3 and 4; the shell puts our pipes there.
        let script = format!(
            "exec \"$1\" {OPTIONS} --user-data-dir=\"$2\" about:blank 3<&0 4>&1 </dev/null >/dev/null"
        );
        let mut child = Command::new("sh")
            .args(["-c", &script, "sh"])
            .arg(program)
            .arg(profile.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let (input, output) = match (child.stdin.take(), child.stdout.take()) {
            (Some(input), Some(output)) => (input, messages(output)),
            _ => return Err("the browser has no pipes".into()),
        };
        let mut browser = Browser {
            child,
            input,
            output,
            session: None,
            next: 1,
            complaints: Vec::new(),
            requests: Vec::new(),
            _profile: profile,
        };
        let target = browser.call("Target.createTarget", json!({ "url": "about:blank" }))?;
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let session = browser.call("Target.attachToTarget", attach)?;
        browser.session = session["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page", "Runtime", "Log", "Network"] {
            browser.call(&format!("{domain}.enable"), json!({}))?;
        }
        browser.resize(width, height)?;
        Ok(browser)
    }

    /// The size of the screen.
    pub fn resize(&mut self, width: u32, height: u32) -> Result<(), Failed> {
        let size = json!({
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600,
        });
        self.call("Emulation.setDeviceMetricsOverride", size)?;
        Ok(())
    }

    /// Light or dark.
    pub fn scheme(&mut self, scheme: &str) -> Result<(), Failed> {
        let feature = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.call("Emulation.setEmulatedMedia", json!({ "features": feature }))?;
        Ok(())
    }

    /// Opens a file, at a fragment, and waits until it is there.
    pub fn open(&mut self, path: &Path, fragment: &str) -> Result<(), Failed> {
        let url = format!("file://{}{fragment}", path.display());
        self.call("Page.navigate", json!({ "url": url }))?;
        self.until(
            "document.readyState === 'complete' && document.getElementById('shown')?.textContent",
        )
    }

    /// The value of an expression on the page.
    pub fn value(&mut self, expression: &str) -> Result<Value, Failed> {
        let arguments =
            json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let answer = self.call("Runtime.evaluate", arguments)?;
        match answer.get("exceptionDetails") {
            Some(details) => Err(format!("{expression}: {details}").into()),
            None => Ok(answer["result"]["value"].clone()),
        }
    }

    /// Waits until an expression is true.
    pub fn until(&mut self, expression: &str) -> Result<(), Failed> {
        let wait = format!(
            "new Promise((resolve) => {{ const end = Date.now() + 10000; const look = () => {{ \
             const good = (() => {{ try {{ return {expression} }} catch {{ return false }} }})(); \
             if (good || Date.now() > end) resolve(Boolean(good)); else setTimeout(look, 20); }}; look(); }})"
        );
        match self.value(&wait)? {
            Value::Bool(true) => Ok(()),
            _ => Err(format!("never true: {expression}").into()),
        }
    }

    /// Holds the value of an expression against what it should be.
    #[track_caller]
    pub fn is(&mut self, expression: &str, expected: impl Into<Value>) -> Result<(), Failed> {
        let (seen, expected) = (self.value(expression)?, expected.into());
        match seen == expected {
            true => Ok(()),
            false => Err(format!("{expression}: expected {expected}, seen {seen}").into()),
        }
    }

    /// Presses a key as a person does: the browser acts on it.
    pub fn press(&mut self, key: &str) -> Result<(), Failed> {
        let (code, number, text) = match key {
            "Enter" => ("Enter", 13, "\r"),
            "Tab" => ("Tab", 9, ""),
            "Escape" => ("Escape", 27, ""),
            " " => ("Space", 32, " "),
            "/" => ("Slash", 191, "/"),
            other => return Err(format!("no such key: {other}").into()),
        };
        for kind in ["keyDown", "keyUp"] {
            let text = if kind == "keyDown" { text } else { "" };
            let event = json!({
                "type": kind, "key": key, "code": code, "text": text,
                "windowsVirtualKeyCode": number,
            });
            self.call("Input.dispatchKeyEvent", event)?;
        }
        Ok(())
    }

    /// Types text where the focus is.
    pub fn type_text(&mut self, text: &str) -> Result<(), Failed> {
        self.call("Input.insertText", json!({ "text": text }))?;
        Ok(())
    }

    /// No error on the console, nothing thrown, nothing asked of any network.
    pub fn is_content(&mut self) -> Result<(), Failed> {
        self.value("1")?;
        let outside = |url: &&String| !url.starts_with("file:") && !url.starts_with("data:");
        if let Some(url) = self.requests.iter().find(outside) {
            return Err(format!("the page asked for {url}").into());
        }
        match self.complaints.first() {
            Some(complaint) => Err(format!("on the console: {complaint}").into()),
            None => Ok(()),
        }
    }

    fn call(&mut self, method: &str, parameters: Value) -> Result<Value, Failed> {
        let id = self.next;
        self.next += 1;
        let mut message = json!({ "id": id, "method": method, "params": parameters });
        if let Some(session) = &self.session {
            message["sessionId"] = session.as_str().into();
        }
        self.input.write_all(message.to_string().as_bytes())?;
        self.input.write_all(b"\0")?;
        self.input.flush()?;
        loop {
            let answer = self.read()?;
            if answer["id"] == id {
                return match answer.get("error") {
                    Some(error) => Err(format!("{method}: {error}").into()),
                    None => Ok(answer["result"].clone()),
                };
            }
            self.note(&answer);
        }
    }

    fn read(&mut self) -> Result<Value, Failed> {
        match self.output.recv_timeout(PATIENCE) {
            Ok(text) => Ok(serde_json::from_slice(&text)?),
            Err(RecvTimeoutError::Disconnected) => Err("the browser has ended".into()),
            Err(RecvTimeoutError::Timeout) => Err("the browser says nothing any more".into()),
        }
    }

    fn note(&mut self, event: &Value) {
        let parameters = &event["params"];
        match event["method"].as_str() {
            Some("Runtime.exceptionThrown") => self.complaints.push(parameters.to_string()),
            Some("Runtime.consoleAPICalled") if parameters["type"] == "error" => {
                self.complaints.push(parameters.to_string());
            }
            Some("Log.entryAdded") if parameters["entry"]["level"] == "error" => {
                self.complaints.push(parameters["entry"].to_string());
            }
            Some("Network.requestWillBeSent") => {
                let url = parameters["request"]["url"].as_str().unwrap_or_default();
                self.requests.push(url.to_owned());
            }
            _ => {}
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Asked to close it ends with all its processes; killed it might leave some behind.
        if self.call("Browser.close", json!({})).is_err() {
            let _ = self.child.kill();
        }
        let _ = self.child.wait();
    }
}
