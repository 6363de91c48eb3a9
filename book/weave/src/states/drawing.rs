//! The drawing of a machine: its states in a row, the way on above them and the way
//! back below.

use std::cmp::Ordering;

use super::Machine;

/// In SVG's units, as all below.
const WIDTH: i32 = 660;
/// The width and height of a state.
const BOX: (i32, i32) = (92, 40);
/// How much higher an arrow rises for each state that it passes.
const RISE: i32 = 34;
/// How far a state is from the edge of the drawing.
const MARGIN: i32 = 4;
/// How high a line of text is.
const LINE: i32 = 18;

/// From which state to which.
type Arrow = (usize, usize);

impl Machine {
    /// The drawing; `id` tells its elements from those of others on the page.
    pub fn draw(&self, name: &str, id: &str) -> String {
        let layout = Layout::of(self);
        let only = self.only_method();
        let arrows = self.arrows.keys().map(|arrow| layout.arrow(*arrow));
        let states = self.states.iter().enumerate();
        let boxes =
            states.map(|(index, it)| layout.state(index, it, only.is_some()));
        let labels = self.arrows.iter().filter(|_| only.is_none());
        let labels = labels.map(|(arrow, methods)| layout.label(*arrow, methods));
        let caption = match only {
            Some(method) => format!("{name}: each arrow is {method}"),
            None => name.to_owned(),
        };
        format!(
            "<figure class=\"drawing\">\n<svg viewBox=\"0 0 {WIDTH} {}\" role=\"img\" \
             aria-labelledby=\"{id}-title {id}-text\" fill=\"none\" \
             stroke=\"currentColor\" stroke-width=\"1.25\" font-family=\"sans-serif\" \
             font-size=\"13\">\n<title id=\"{id}-title\">The states of {name}</title>\n\
             <desc id=\"{id}-text\">From {}.</desc>\n{}{}\
             <g stroke=\"none\" fill=\"currentColor\">{}</g>\n</svg>\n\
             <figcaption>{caption} <span>drawn from the code</span></figcaption>\n</figure>\n",
            layout.height,
            self.in_words(),
            arrows.collect::<String>(),
            boxes.collect::<String>(),
            labels.collect::<String>(),
        )
    }

    /// The method that all arrows are, if there is but one: it is said once.
    fn only_method(&self) -> Option<&str> {
        let mut methods = self.arrows.values().flatten();
        let first = methods.next()?;
        methods.all(|method| method == first).then_some(first)
    }

    /// What the arrows are, for those who do not see them.
    fn in_words(&self) -> String {
        let arrows = self.arrows.iter().map(|((from, to), methods)| {
            let (from, to) = (&self.states[*from], &self.states[*to]);
            format!("{from} to {to} by {}", methods.join(", "))
        });
        arrows.collect::<Vec<String>>().join("; from ")
    }

    /// How many states the longest arrow on, or back, spans.
    fn span(&self, back: bool) -> i32 {
        let arrows = self.arrows.keys().filter(|(from, to)| (from > to) == back);
        arrows.map(|arrow| span(*arrow)).max().unwrap_or(0)
    }
}

fn span((from, to): Arrow) -> i32 {
    from.abs_diff(to) as i32
}

/// Where everything is.
struct Layout {
    /// How far one state is from the next.
    gap: i32,
    /// The upper edge of the states, and the lower one.
    top: i32,
    bottom: i32,
    height: i32,
}

impl Layout {
    fn of(machine: &Machine) -> Layout {
        let gaps = (machine.states.len() as i32 - 1).max(1);
        // A loop stands as high as an arrow to the next state.
        let top = LINE + machine.span(false).max(1) * RISE;
        let bottom = top + BOX.1;
        Layout {
            gap: (WIDTH - BOX.0 - 2 * MARGIN) / gaps,
            top,
            bottom,
            height: bottom + machine.span(true) * RISE + LINE,
        }
    }

    /// The middle of a state.
    fn x(&self, state: usize) -> i32 {
        MARGIN + BOX.0 / 2 + state as i32 * self.gap
    }

    /// Where an arrow leaves and where it arrives: each has a place of its own.
    fn ends(&self, (from, to): Arrow) -> (i32, i32) {
        let (x, y, shift) = (self.x(from), self.x(to), 6 * span((from, to)));
        match from.cmp(&to) {
            Ordering::Equal => (x - 26, x - 8),
            Ordering::Less => (x + 14 + shift, y - 14 - shift),
            Ordering::Greater => (x - shift, y + shift),
        }
    }

    fn arrow(&self, arrow: Arrow) -> String {
        let (start, end) = self.ends(arrow);
        let rise = span(arrow).max(1) * RISE * 4 / 3;
        let (edge, peak, head) = match arrow.0 > arrow.1 {
            false => (self.top, self.top - rise, self.top - 8),
            true => (self.bottom, self.bottom + rise, self.bottom + 8),
        };
        format!(
            "<path d=\"M{start} {edge} C{start} {peak} {end} {peak} {end} {edge} \
             M{} {head} L{end} {edge} L{} {head}\"/>\n",
            end - 4,
            end + 4,
        )
    }

    fn label(&self, arrow: Arrow, methods: &[String]) -> String {
        let (start, end) = self.ends(arrow);
        let rise = span(arrow) * RISE;
        let (x, y) = match arrow.0.cmp(&arrow.1) {
            // What leads nowhere else is named within its state.
            Ordering::Equal => (self.x(arrow.0), self.top + 33),
            Ordering::Less => (start.midpoint(end), self.top - rise - 4),
            Ordering::Greater => (start.midpoint(end), self.bottom + rise + 12),
        };
        let methods = methods.join(", ");
        format!(
            "<text x=\"{x}\" y=\"{y}\" font-size=\"11\" text-anchor=\"middle\">\
             {methods}</text>"
        )
    }

    /// A state's box, with its name in the middle, or above it if others stand there.
    fn state(&self, index: usize, name: &str, is_alone: bool) -> String {
        let (x, top) = (self.x(index), self.top);
        let left = x - BOX.0 / 2;
        let (width, height) = BOX;
        let baseline = top + if is_alone { 25 } else { 18 };
        format!(
            "<rect x=\"{left}\" y=\"{top}\" width=\"{width}\" height=\"{height}\" \
             rx=\"4\"/><text x=\"{x}\" y=\"{baseline}\" text-anchor=\"middle\" \
             stroke=\"none\" fill=\"currentColor\">{name}</text>\n"
        )
    }
}
