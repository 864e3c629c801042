//! Colours: contrast, and the nearest one that can be read.
//!
//! Ratios are WCAG 2.2's (relative luminance of sRGB), unrounded: 4.499 fails. The nearest colour
//! that passes keeps its hue in OKLCH (Björn Ottosson, 2020): lightness is searched by bisection,
//! chroma is reduced only as far as sRGB demands,
//! and of the colours right there the one that looks most like the given one is taken.

/// Text needs this ratio (WCAG 1.4.3).
pub const TEXT_CONTRAST: f64 = 4.5;

/// The two appearances of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Appearance {
    /// Ink on paper white.
    Light,
    /// Light on dark.
    Dark,
}

impl Appearance {
    /// The page and its surfaces, on which text stands.
    pub fn grounds(self) -> [&'static str; 2] {
        match self {
            Appearance::Light => ["#ffffff", "#f3f5f7"],
            Appearance::Dark => ["#14181d", "#1f252c"],
        }
    }
}

/// The contrast ratio of two colours, 1 to 21 (WCAG 2.2).
pub fn ratio(a: &str, b: &str) -> f64 {
    let (a, b) = (luminance(linear(a)), luminance(linear(b)));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// The nearest colour of the same hue that passes as text in an appearance; itself if it passes. Whole channels
/// leave some room around the readable one of the same chroma: it is used up step by step.
pub fn nearest_readable(color: &str, appearance: Appearance) -> String {
    let found = readable(color, appearance);
    // What is nearly grey has no hue to keep, and no tint to gain.
    if found == color || oklch(linear(color))[1] < 0.02 {
        return found;
    }
    let mut best = found;
    for _ in 0..16 {
        let nearer = nearest(color, &best, appearance);
        if nearer == best {
            break;
        }
        best = nearer;
    }
    best
}

/// Whether a colour passes as text in an appearance.
fn passes(color: &str, appearance: Appearance) -> bool {
    appearance.grounds().iter().all(|ground| ratio(color, ground) >= TEXT_CONTRAST)
}

/// A colour of the same hue and, as far as sRGB has it, the same chroma that passes as text; itself if it passes.
pub fn readable(color: &str, appearance: Appearance) -> String {
    if passes(color, appearance) {
        return color.to_owned();
    }
    let [lightness, chroma, hue] = oklch(linear(color));
    let [red, green, blue] = channels(color);
    let is_grey = red == green && green == blue;
    // At the border one channel may be rounded up and another down, which would tint a grey.
    let level = |color: String| if is_grey { format!("#{0}{0}{0}", &color[3..5]) } else { color };
    let at = |lightness: f64| level(hex(in_gamut(lightness, chroma, hue)));
    // Darker passes on light grounds, lighter on dark ones: between here and that end lies the border.
    let (mut fails, mut good) = match appearance {
        Appearance::Light => (lightness, 0.0),
        Appearance::Dark => (lightness, 1.0),
    };
    for _ in 0..40 {
        let middle = f64::midpoint(fails, good);
        if passes(&at(middle), appearance) {
            good = middle;
        } else {
            fails = middle;
        }
    }
    at(good)
}

/// The colour of the same hue around `found` that passes and is nearest.
fn nearest(color: &str, found: &str, appearance: Appearance) -> String {
    let wanted = oklab(linear(color));
    let hue = oklch(linear(color))[2];
    let distance = |color: &str| {
        let [l, a, b] = oklab(linear(color));
        (l - wanted[0]).hypot((a - wanted[1]).hypot(b - wanted[2]))
    };
    let turn = |color: &str| {
        let turn = (oklch(linear(color))[2] - hue).abs();
        turn.min(std::f64::consts::TAU - turn)
    };
    // Half a degree is no other hue; rounding to channels alone may cost as much.
    let same = turn(found).max(0.5_f64.to_radians());
    let moved = |channel: u8, by: i16| u8::try_from((i16::from(channel) + by).clamp(0, 255)).unwrap_or(channel);
    let [red, green, blue] = channels(found);
    let mut best = (distance(found), found.to_owned());
    for (r, g, b) in (0..343).map(|n| (n / 49 - 3, n / 7 % 7 - 3, n % 7 - 3)) {
        let near = format!("#{:02x}{:02x}{:02x}", moved(red, r), moved(green, g), moved(blue, b));
        let far = distance(&near);
        if far < best.0 && passes(&near, appearance) && turn(&near) <= same {
            best = (far, near);
        }
    }
    best.1
}

/// Black or white, whichever is read better on a colour.
pub fn text_on(color: &str) -> &'static str {
    if ratio("#ffffff", color) >= ratio("#000000", color) { "#ffffff" } else { "#000000" }
}

fn channels(color: &str) -> [u8; 3] {
    let byte = |at: usize| color.get(at..at + 2).and_then(|hex| u8::from_str_radix(hex, 16).ok()).unwrap_or(0);
    [byte(1), byte(3), byte(5)]
}

fn linear(color: &str) -> [f64; 3] {
    channels(color).map(|channel| {
        let value = f64::from(channel) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    })
}

fn luminance([red, green, blue]: [f64; 3]) -> f64 {
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

fn hex(rgb: [f64; 3]) -> String {
    let [red, green, blue] = rgb.map(|value| {
        let value = value.clamp(0.0, 1.0);
        let encoded = if value <= 0.003_130_8 { value * 12.92 } else { 1.055 * value.powf(1.0 / 2.4) - 0.055 };
        (encoded * 255.0).round() as u8
    });
    format!("#{red:02x}{green:02x}{blue:02x}")
}

fn oklch(rgb: [f64; 3]) -> [f64; 3] {
    let [lightness, a, b] = oklab(rgb);
    [lightness, a.hypot(b), b.atan2(a)]
}

fn oklab([red, green, blue]: [f64; 3]) -> [f64; 3] {
    let l = (0.412_221_470_8 * red + 0.536_332_536_3 * green + 0.051_445_992_9 * blue).cbrt();
    let m = (0.211_903_498_2 * red + 0.680_699_545_1 * green + 0.107_396_956_6 * blue).cbrt();
    let s = (0.088_302_461_9 * red + 0.281_718_837_6 * green + 0.629_978_700_5 * blue).cbrt();
    let lightness = 0.210_454_255_3 * l + 0.793_617_785 * m - 0.004_072_046_8 * s;
    let a = 1.977_998_495_1 * l - 2.428_592_205 * m + 0.450_593_709_9 * s;
    let b = 0.025_904_037_1 * l + 0.782_771_766_2 * m - 0.808_675_766 * s;
    [lightness, a, b]
}

fn rgb([lightness, chroma, hue]: [f64; 3]) -> [f64; 3] {
    let (a, b) = (chroma * hue.cos(), chroma * hue.sin());
    let l = (lightness + 0.396_337_777_4 * a + 0.215_803_757_3 * b).powi(3);
    let m = (lightness - 0.105_561_345_8 * a - 0.063_854_172_8 * b).powi(3);
    let s = (lightness - 0.089_484_177_5 * a - 1.291_485_548 * b).powi(3);
    [
        4.076_741_662_1 * l - 3.307_711_591_3 * m + 0.230_969_929_2 * s,
        -1.268_438_004_6 * l + 2.609_757_401_1 * m - 0.341_319_396_5 * s,
        -0.004_196_086_3 * l - 0.703_418_614_7 * m + 1.707_614_701 * s,
    ]
}

/// The colour with the most chroma, up to `chroma`, that sRGB can show.
fn in_gamut(lightness: f64, chroma: f64, hue: f64) -> [f64; 3] {
    let shown = |chroma: f64| {
        let rgb = rgb([lightness, chroma, hue]);
        rgb.iter().all(|value| (-0.000_1..=1.000_1).contains(value)).then_some(rgb)
    };
    if let Some(rgb) = shown(chroma) {
        return rgb;
    }
    let (mut good, mut fails) = (0.0, chroma);
    for _ in 0..30 {
        let middle = f64::midpoint(good, fails);
        if shown(middle).is_some() {
            good = middle;
        } else {
            fails = middle;
        }
    }
    rgb([lightness, good, hue])
}
