//! Curves as inline SVG.

use super::escape::escape;
use super::short;

/// A plot of one or two curves over common axes; the upward axis starts at 0.
pub(super) struct Plot<'a> {
    pub(super) title: &'static str,
    pub(super) across: &'static str,
    pub(super) scale: Scale,
    pub(super) curves: Vec<Curve<'a>>,
}

/// One named line.
pub(super) struct Curve<'a> {
    pub(super) name: &'static str,
    pub(super) points: &'a [(f64, f64)],
}

/// How the axis across is divided.
#[derive(Clone, Copy)]
pub(super) enum Scale {
    Linear,
    Logarithmic,
}

impl Plot<'_> {
    /// The plot, or none when there is nothing to draw.
    pub(super) fn to_svg(&self) -> Option<String> {
        let frame = Frame::around(self)?;
        let curves: String =
            self.curves.iter().enumerate().map(|(place, curve)| frame.curve(place, curve)).collect();
        let (title, across) = (escape(self.title), escape(self.across));
        Some(format!(
            "<svg viewBox=\"0 0 480 280\" role=\"img\" aria-label=\"{title}\">\n\
             <text x=\"{LEFT}\" y=\"16\">{title}</text>\n{}{}{curves}\
             <text x=\"{RIGHT}\" y=\"274\" text-anchor=\"end\">{across}</text>\n</svg>\n",
            frame.grid_across(),
            frame.grid_up(),
        ))
    }
}

/// Where values lie on the paper.
struct Frame {
    scale: Scale,
    from: f64,
    to: f64,
    top: f64,
}

impl Frame {
    fn around(plot: &Plot<'_>) -> Option<Self> {
        let points = || plot.curves.iter().flat_map(|curve| curve.points);
        let from = points().map(|point| plot.scale.place(point.0)).reduce(f64::min)?;
        let to = points().map(|point| plot.scale.place(point.0)).reduce(f64::max)?;
        let top = points().map(|point| point.1).fold(f64::MIN_POSITIVE, f64::max);
        Some(Self { scale: plot.scale, from, to: to.max(from + f64::EPSILON), top })
    }

    fn x(&self, place: f64) -> f64 {
        LEFT + (place - self.from) / (self.to - self.from) * (RIGHT - LEFT)
    }

    fn y(&self, value: f64) -> f64 {
        BOTTOM - value / self.top * (BOTTOM - TOP)
    }

    fn curve(&self, place: usize, curve: &Curve<'_>) -> String {
        let point = |(across, up): &(f64, f64)| {
            format!("{:.1},{:.1} ", self.x(self.scale.place(*across)), self.y(*up))
        };
        let points: String = curve.points.iter().map(point).collect();
        let (colour, dashes) = LOOKS[place % LOOKS.len()];
        // Beside the title, where no curve can pass.
        let legend = RIGHT - LEGEND * (place as f64 + 1.0);
        format!(
            "<polyline class=\"curve\" stroke=\"{colour}\" stroke-dasharray=\"{dashes}\" points=\"{}\"/>\n\
             <line class=\"curve\" stroke=\"{colour}\" stroke-dasharray=\"{dashes}\" x1=\"{legend}\" x2=\"{}\" \
             y1=\"12\" y2=\"12\"/>\n<text x=\"{}\" y=\"16\">{}</text>\n",
            points.trim_end(),
            legend + 18.0,
            legend + 24.0,
            escape(curve.name),
        )
    }

    fn grid_across(&self) -> String {
        let mark = |step: u32| {
            let place = self.from + (self.to - self.from) * f64::from(step) / f64::from(MARKS);
            let (x, label) = (self.x(place), short(self.scale.value(place)));
            format!(
                "<path class=\"grid\" d=\"M{x:.1} {TOP}V{BOTTOM}\"/>\
                 <text x=\"{x:.1}\" y=\"258\" text-anchor=\"middle\">{label}</text>\n"
            )
        };
        (0..=MARKS).map(mark).collect()
    }

    fn grid_up(&self) -> String {
        let mark = |step: u32| {
            let value = self.top * f64::from(step) / f64::from(MARKS);
            let y = self.y(value);
            let label = short(value);
            format!(
                "<path class=\"grid\" d=\"M{LEFT} {y:.1}H{RIGHT}\"/>\
                 <text x=\"52\" y=\"{:.1}\" text-anchor=\"end\">{label}</text>\n",
                y + 4.0
            )
        };
        (0..=MARKS).map(mark).collect()
    }
}

impl Scale {
    fn place(self, value: f64) -> f64 {
        match self {
            Self::Linear => value,
            // A microsecond is as good as nothing, and has a logarithm.
            Self::Logarithmic => value.max(0.001).log10(),
        }
    }

    fn value(self, place: f64) -> f64 {
        match self {
            Self::Linear => place,
            Self::Logarithmic => 10_f64.powf(place),
        }
    }
}

const LEFT: f64 = 56.0;
const RIGHT: f64 = 464.0;
const TOP: f64 = 28.0;
const BOTTOM: f64 = 242.0;
const LEGEND: f64 = 104.0;
const MARKS: u32 = 4;
/// Colour and dashes: the curves can be told apart without colour.
const LOOKS: [(&str, &str); 2] = [("var(--one)", "none"), ("var(--two)", "6 3")];
