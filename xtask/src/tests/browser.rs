//! A browser that a test drives by the WebDriver protocol, which is JSON over HTTP.
//!
//! A crate for it would bring an asynchronous runtime and a second HTTP stack. This needs five
//! calls, one at a time, to a program on this host.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};

const DRIVER: &str = "chromedriver";
/// The longest time of a call: a host may be busy.
const TIMEOUT: Duration = Duration::from_secs(120);

/// A browser with one window.
pub struct Browser {
    driver: Child,
    port: u16,
    session: String,
}

impl Browser {
    /// Starts a browser without a window on the display. Returns None without `chromedriver`.
    pub fn start(width: u32, height: u32) -> Result<Option<Browser>> {
        // A free port: the driver takes it a moment later.
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let driver = Command::new(DRIVER)
            .arg(format!("--port={port}"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let driver = match driver {
            Ok(driver) => driver,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error).context("cannot start chromedriver"),
        };
        let mut browser = Browser {
            driver,
            port,
            session: String::new(),
        };
        browser.wait(|| TcpStream::connect(("127.0.0.1", port)).is_ok())?;
        // The page is the project's own, and a container has no sandbox.
        let size = format!("--window-size={width},{height}");
        let arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", &size];
        let options = json!({"alwaysMatch": {"goog:chromeOptions": {"args": arguments}}});
        let session = browser.call("/session", &json!({"capabilities": options}))?;
        let session = session["sessionId"].as_str().context("no session")?;
        browser.session = format!("/session/{session}");
        Ok(Some(browser))
    }

    /// Opens a file, and waits until its script is ready.
    pub fn open(&self, page: &Path, fragment: &str) -> Result<()> {
        let url = format!("file://{}{fragment}", page.display());
        self.call(&format!("{}/url", self.session), &json!({"url": url}))?;
        self.wait(|| {
            let ready = self.run("return document.documentElement.dataset.ready || ''");
            ready.is_ok_and(|ready| ready == "true")
        })
    }

    /// Runs a script in the page, and returns its result.
    pub fn run(&self, script: &str) -> Result<Value> {
        let body = json!({"script": script, "args": []});
        self.call(&format!("{}/execute/sync", self.session), &body)
    }

    fn wait(&self, mut is_ready: impl FnMut() -> bool) -> Result<()> {
        let start = Instant::now();
        while !is_ready() {
            ensure!(start.elapsed() < TIMEOUT, "the browser is not ready");
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }

    fn call(&self, path: &str, body: &Value) -> Result<Value> {
        self.request("POST", path, &body.to_string())
    }

    fn request(&self, method: &str, path: &str, body: &str) -> Result<Value> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(TIMEOUT))?;
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )?;
        // The driver keeps the connection open, so the header says where the answer ends.
        let mut stream = BufReader::new(stream);
        let mut length = 0;
        loop {
            let mut line = String::new();
            stream.read_line(&mut line)?;
            let field = line.split_once(':');
            match field.filter(|(name, _)| name.eq_ignore_ascii_case("content-length")) {
                Some((_, value)) => length = value.trim().parse()?,
                None if line.trim().is_empty() => break,
                None => {}
            }
        }
        let mut answer = vec![0; length];
        stream.read_exact(&mut answer)?;
        let answer: Value = serde_json::from_slice(&answer)?;
        let value = &answer["value"];
        if let Some(message) = value["message"].as_str() {
            bail!("the browser refuses: {message}");
        }
        Ok(value.clone())
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if !self.session.is_empty() {
            // The browser ends with its session. A failure here hides no result of a test.
            let _ = self.request("DELETE", &self.session, "");
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}
