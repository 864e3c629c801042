//! SVG: its size, and whether it is only a drawing.

/// The size that an SVG names in whole pixels, or its view box.
pub fn size(bytes: &[u8]) -> Option<(u32, u32)> {
    let text = std::str::from_utf8(bytes).ok()?;
    let tag = &text[text.find("<svg")?..];
    let tag = &tag[..tag.find('>')?];
    let attribute = |name: &str| {
        let start = tag.find(&format!(" {name}=\""))? + name.len() + 3;
        tag[start..].split('"').next()
    };
    let pixels = |text: &str| text.trim_end_matches("px").parse::<f64>().ok().map(|value| value.round() as u32);
    if let (Some(width), Some(height)) = (attribute("width").and_then(pixels), attribute("height").and_then(pixels)) {
        return Some((width, height));
    }
    let mut numbers = attribute("viewBox")?.split([' ', ',']).filter_map(pixels).skip(2);
    Some((numbers.next()?, numbers.next()?))
}

/// What makes an SVG more than a drawing, if anything does. A browser that opens it would run that.
pub fn active(bytes: &[u8]) -> Option<&'static str> {
    // What is read here must be what a browser reads.
    let Ok(svg) = std::str::from_utf8(bytes) else { return Some("text in another encoding than UTF-8") };
    let lower = svg.to_ascii_lowercase();
    let lower = lower.strip_prefix('\u{FEFF}').unwrap_or(&lower);
    let declared = lower.strip_prefix("<?xml").and_then(|rest| rest.split_once("?>")).map_or("", |(xml, _)| xml);
    if declared.contains("encoding") && !declared.contains("utf-8") {
        return Some("text in another encoding than UTF-8");
    }
    for (mark, name) in [
        ("<!entity", "an entity"),
        ("<!doctype", "a document type"),
        ("<?xml-stylesheet", "a style sheet"),
        ("javascript:", "a script"),
        ("@import", "an outside style"),
        ("http://www.w3.org/1999/xhtml", "foreign content"),
    ] {
        if lower.contains(mark) {
            return Some(name);
        }
    }
    if lower.split("xmlns").skip(1).any(hides_a_namespace) {
        return Some("foreign content");
    }
    lower.split('<').skip(1).find_map(active_element).or_else(|| outside_reference(lower)).or_else(|| handler(lower))
}

/// Whether the value behind an `xmlns` is written with references, which could spell any namespace.
fn hides_a_namespace(attribute: &str) -> bool {
    let value = attribute.split_once('=').map_or("", |(_, value)| value.trim_start());
    let mut parts = value.split(['"', '\'']);
    parts.nth(1).is_some_and(|value| value.contains('&'))
}

/// What the element is that begins behind a `<`, if it is more than a part of a drawing.
fn active_element(tag: &str) -> Option<&'static str> {
    let name = tag.split(|c: char| c.is_whitespace() || c == '/' || c == '>').next()?;
    // Under whatever prefix: a namespace may be called anything.
    Some(match name.rsplit(':').next()? {
        "script" => "a script",
        "foreignobject" => "foreign content",
        "iframe" | "frame" => "a frame",
        "embed" | "object" => "an embedded object",
        "animate" | "animatemotion" | "animatetransform" | "animatecolor" | "set" => "an animation",
        "handler" | "listener" => "a handler",
        _ => return None,
    })
}

/// Whether it asks for something outside of itself.
fn outside_reference(svg: &str) -> Option<&'static str> {
    let is_inside = |value: &str| value.trim_start().trim_start_matches(['"', '\'']).trim_start().starts_with('#');
    let reference = |(at, _)| svg[at + "href".len()..].trim_start().strip_prefix('=');
    let references = svg.match_indices("href").filter_map(reference);
    let addresses = svg.match_indices("url(").map(|(at, _)| &svg[at + "url(".len()..]);
    (!references.chain(addresses).all(is_inside)).then_some("an outside reference")
}

/// An attribute that runs something when something happens: `onload`.
fn handler(svg: &str) -> Option<&'static str> {
    let is_handler = |(at, _)| {
        let before = svg[..at].chars().next_back();
        let name = &svg[at + "on".len()..];
        let after = name.trim_start_matches(|c: char| c.is_ascii_alphanumeric());
        before.is_some_and(|c| c.is_whitespace() || matches!(c, '"' | '\'' | '/'))
            && after.len() < name.len()
            && after.trim_start().starts_with('=')
    };
    svg.match_indices("on").any(is_handler).then_some("an event handler")
}

#[cfg(test)]
mod tests {
    use super::active;

    #[test]
    fn a_drawing_is_told_from_a_program() {
        assert_eq!(active(b"<svg xmlns='http://www.w3.org/2000/svg' aria-label='A &amp; B'/>"), None);
        let svg = |inside: &str| active(format!("<svg xmlns=\"http://www.w3.org/2000/svg\">{inside}</svg>").as_bytes());
        for drawing in
            ["<path d=\"M0 0\"/>", "<use href=\"#a\"/>", "<style>a{fill:url('#b')}</style>", "<text>on = x</text>"]
        {
            assert_eq!(svg(drawing), None, "{drawing}");
        }
        for program in [
            "<script/>",
            "<s:script xmlns:s=\"http://www.w3.org/2000/svg\">x</s:script>",
            "<g xmlns:h=\"http://www.w3.org/1999/xhtml\"><h:p/></g>",
            "<g xmlns:h=\"http://www.w3.org/1999/&#120;html\"><h:p/></g>",
            "<a xlink:href=' https://x.org'/>",
            "<path onload='x'/>",
            "<path style='fill:url(//x.org)'/>",
        ] {
            assert!(svg(program).is_some(), "{program}");
        }
        let wide: Vec<u8> = "\u{FEFF}<svg><script/></svg>".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert!(active(&wide).is_some());
        assert!(active(b"<?xml version='1.0' encoding='utf-7'?><svg/>").is_some());
    }
}
