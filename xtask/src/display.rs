//! The display of the host: whether a window can be opened on it, and the size that fits.
//!
//! ```text
//! X11, also under Wayland    asked: the work area of the first monitor, in its own pixels
//! Wayland alone, macOS       not asked: the usual size
//! ```

use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use x11rb::connection::Connection;
use x11rb::protocol::randr::ConnectionExt as _;
use x11rb::protocol::xproto::{AtomEnum, ConfigureWindowAux, ConnectionExt as _, Window};
use x11rb::rust_connection::RustConnection;

/// A display on which a window can be opened.
#[derive(Clone, Copy)]
pub struct Display {
    /// Pixels that a window may cover, if the display reports them.
    area: Option<(u32, u32)>,
}

impl Display {
    /// Opens the display as a window would. The error names the display.
    pub fn find() -> Result<Self> {
        let variable = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        if cfg!(target_os = "macos") {
            return Ok(Self { area: None });
        }
        let x11 = variable("DISPLAY").map(|name| (x11_area(), name));
        if let Some((Ok(area), _)) = x11 {
            return Ok(Self { area: Some(area) });
        }
        let wayland = variable("WAYLAND_DISPLAY");
        if wayland.as_deref().is_some_and(wayland_answers) {
            return Ok(Self { area: None });
        }
        match (x11, wayland) {
            (Some((Err(error), name)), _) => {
                Err(error.context(format!("the display {name} cannot be opened")))
            }
            (_, Some(name)) => bail!("the display {name} cannot be opened"),
            _ => bail!("no display here (neither DISPLAY nor WAYLAND_DISPLAY)"),
        }
    }

    /// Returns the pixels of a machine's screen for which a window has room, if the display reports
    /// them.
    pub fn room(&self) -> Option<(u32, u32)> {
        let scale = scale();
        self.area
            .map(|(width, height)| (width / scale, height / scale))
    }

    /// Returns whether windows can be given the size of the display, see [`Self::enlarge`].
    pub fn knows_its_size(&self) -> bool {
        self.area.is_some()
    }

    /// Enlarges the window of QEMU, the process with this number, to the size of the machine's
    /// screen. A window that zooms its content opens small, and stays small.
    pub fn enlarge(&self, process: u32, screen: (u32, u32)) {
        let Some(area) = self.area else { return };
        // Until the window has opened. A failure does no harm.
        std::thread::spawn(move || enlarge(process, screen, area));
    }
}

/// Returns the number of the display's pixels, in each direction, that GTK draws for one pixel of
/// the machine.
fn scale() -> u32 {
    let scale = std::env::var("GDK_SCALE").ok();
    let scale = scale.and_then(|text| text.parse().ok());
    scale.filter(|&scale| scale > 0).unwrap_or(1)
}

/// Returns the size of the work area (without panels) on the first monitor of the X display.
fn x11_area() -> Result<(u32, u32)> {
    let (connection, screen) = x11rb::connect(None)?;
    let root = &connection.setup().roots[screen];
    let mut area = (root.width_in_pixels.into(), root.height_in_pixels.into());
    let mut shrink = |width: u32, height: u32| area = (width.min(area.0), height.min(area.1));
    if let Ok(monitors) = monitors(&connection, root.root) {
        let first = monitors
            .iter()
            .find(|monitor| monitor.2)
            .or(monitors.first());
        first
            .iter()
            .for_each(|&&(width, height, _)| shrink(width, height));
    }
    // Left, top, width and height; one for each desktop.
    let work = property(&connection, root.root, b"_NET_WORKAREA").unwrap_or_default();
    if let [_, _, width, height, ..] = work[..] {
        shrink(width, height);
    }
    Ok(area)
}

/// Returns width, height, and whether it is the primary one.
fn monitors(connection: &RustConnection, root: Window) -> Result<Vec<(u32, u32, bool)>> {
    let answer = connection.randr_get_monitors(root, true)?.reply()?;
    let monitors = answer.monitors.iter();
    let size = |monitor: &x11rb::protocol::randr::MonitorInfo| {
        (monitor.width.into(), monitor.height.into(), monitor.primary)
    };
    Ok(monitors.map(size).collect())
}

/// Returns the numbers of a window's property.
fn property(connection: &RustConnection, window: Window, name: &[u8]) -> Result<Vec<u32>> {
    let name = connection.intern_atom(true, name)?.reply()?.atom;
    let answer = connection.get_property(false, window, name, AtomEnum::ANY, 0, 64)?;
    let answer = answer.reply()?;
    Ok(answer.value32().context("no such numbers")?.collect())
}

fn wayland_answers(name: &str) -> bool {
    let folder = std::env::var_os("XDG_RUNTIME_DIR")
        .map(PathBuf::from)
        .unwrap_or_default();
    // An absolute name replaces the folder.
    UnixStream::connect(folder.join(name)).is_ok()
}

/// Waits for the window, and gives it the size of its content, or the largest size that fits.
fn enlarge(process: u32, screen: (u32, u32), area: (u32, u32)) -> Result<()> {
    /// GTK's menu bar.
    const MENU: u32 = 25;
    const PATIENCE: Duration = Duration::from_secs(20);
    let (connection, at) = x11rb::connect(None)?;
    let root = connection.setup().roots[at].root;
    let begin = Instant::now();
    while begin.elapsed() < PATIENCE {
        if let Some(window) = window_of(&connection, root, process)? {
            let size = ConfigureWindowAux::new()
                .width((scale() * screen.0).min(area.0))
                .height((scale() * (screen.1 + MENU)).min(area.1));
            connection.configure_window(window, &size)?.check()?;
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    bail!("no window has opened")
}

/// Returns the visible window of a process, among the root's children and the frames of window
/// managers.
fn window_of(connection: &RustConnection, root: Window, process: u32) -> Result<Option<Window>> {
    let mut open = vec![root];
    while let Some(parent) = open.pop() {
        for child in connection.query_tree(parent)?.reply()?.children {
            // A window may have closed by now.
            let of = property(connection, child, b"_NET_WM_PID").unwrap_or_default();
            let attributes = connection.get_window_attributes(child)?.reply();
            let is_seen = attributes
                .is_ok_and(|it| it.map_state == x11rb::protocol::xproto::MapState::VIEWABLE);
            if of == [process] && is_seen {
                return Ok(Some(child));
            }
            if of.is_empty() && parent == root {
                open.push(child);
            }
        }
    }
    Ok(None)
}
