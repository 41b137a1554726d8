//! Changes of the stage: another selection, board or shell, and the new layout.

use super::Dashboard;
use super::info::DashboardError;
use super::shown::Surroundings;
use super::stage::Stage;
use crate::graphics::styles::Styles;
use crate::graphics::type_scale::TypeScale;
use crate::input::keyboard_layout::KeyboardLayout;
use crate::panels::help;
use crate::panels::lesson::offer::Notice;
use crate::panels::timeline::TimelineBar;
use crate::view::layout::Layout;
use crate::view::selection::Selection;
use embedded_graphics::geometry::Size;

impl Dashboard<'_> {
    /// Selects this item.
    pub fn select(&mut self, selection: Option<Selection>) {
        self.set_stage(Stage {
            selection,
            ..self.stage
        });
    }

    /// Shows other panels, or moves the panels.
    pub(super) fn set_stage(&mut self, stage: Stage) {
        let hover = None;
        let before = core::mem::replace(&mut self.stage, Stage { hover, ..stage });
        self.set_help(None);
        // Another selection of the same kind does not change the layout.
        let moved = Stage {
            selection: before.selection,
            hover: before.hover,
            ..stage
        };
        let is_selected = stage.selection.is_some();
        let described = [before.selection, before.looked_at()];
        let is_same = before.arrangement() == self.stage.arrangement();
        if moved == before && is_same && described.iter().all(|item| item.is_some() == is_selected)
        {
            return;
        }
        self.arrange();
    }

    /// Moves to a screen of another size, for which the buffers must suffice: see
    /// [`needs`](super::needs).
    ///
    /// # Errors
    /// [`DashboardError::ScreenTooSmall`].
    pub fn set_screen(&mut self, screen: Size) -> Result<(), DashboardError> {
        let (arrangement, projector) = (self.stage.arrangement(), self.stage.projector);
        Layout::new(screen, arrangement, projector)
            .ok_or(DashboardError::ScreenTooSmall(screen))?;
        self.screen = screen;
        self.arrange();
        Ok(())
    }

    /// Moves all parts to the layout of the stage.
    pub(super) fn arrange(&mut self) {
        let stage = &self.stage;
        let Some(layout) = Layout::new(self.screen, stage.arrangement(), stage.projector) else {
            return;
        };
        self.layout = layout;
        let scale = TypeScale::new(self.screen.height, stage.projector);
        self.styles = Styles::new(self.styles.theme, layout.text).with_scale(scale);
        let frames = self.model.frames.len();
        let view = self.panels.map().grid().view;
        self.panels.place(Surroundings {
            stage,
            layout: &layout,
            styles: &self.styles,
            frames,
            info: &self.info,
        });
        if view != self.panels.map().grid().view {
            let view = self.panels.map().grid().view;
            self.changes.set_view(view, &self.model);
            self.ages_unknown = true;
        }
        self.bar = TimelineBar::new(layout.timeline);
        self.redraw = true;
    }

    /// Shows a notice in the title line, or the usual keys.
    pub fn set_notice(&mut self, notice: Option<Notice>) {
        if notice == Some(Notice::Quit) {
            // The help and the list of lessons cover the bar.
            self.set_help(None);
        }
        self.notice = notice;
    }

    /// Shows another layout of the keyboard, in the bar and in the help.
    pub fn set_keyboard(&mut self, layout: KeyboardLayout) {
        self.info.keyboard = layout;
        self.redraw |= self.help.is_some();
        self.set_notice(Some(Notice::Keyboard(layout)));
    }

    /// Opens or closes the shell. The hovered item stays.
    pub fn set_shell(&mut self, shell: bool) {
        if self.stage.shell != shell {
            self.stage.shell = shell;
            self.set_help(None);
            self.arrange();
        }
    }

    /// Scrolls the shell by pages.
    pub fn turn_shell(&mut self, pages: i32) {
        let rows = self.shell.page(&self.styles);
        self.shell.scroll(pages * rows);
    }

    pub(super) fn set_help(&mut self, page: Option<usize>) {
        self.redraw |= page != self.help || self.list.is_some();
        self.help = page;
        self.list = None;
    }

    /// Shows the next page of the help, and after the last page the first.
    pub(super) fn turn_page(&mut self) {
        let pages = help::pages(&self.styles, self.layout.below_header());
        self.set_help(self.help.map(|page| (page + 1) % pages));
    }
}
