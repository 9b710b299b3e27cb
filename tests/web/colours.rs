//! The tokens' colours have contrast enough, in light and in dark (WCAG 2.2, 1.4.3 and 1.4.11).

use std::collections::BTreeMap;

/// Each token's light and dark colour.
fn tokens() -> BTreeMap<String, [String; 2]> {
    let css = include_str!("../../assets/app.css");
    let mut found = BTreeMap::new();
    for line in css.lines().map(str::trim).filter(|line| line.starts_with("--")) {
        let Some((name, value)) = line.split_once(':') else { continue };
        let value = value.trim().trim_end_matches(';');
        let pair = match value.strip_prefix("light-dark(").and_then(|rest| rest.strip_suffix(')')) {
            Some(pair) => pair.split(',').map(|colour| colour.trim().to_owned()).collect::<Vec<_>>(),
            None if value.starts_with('#') => vec![value.to_owned(), value.to_owned()],
            None => continue,
        };
        found.insert(name.trim_start_matches("--").to_owned(), pair.try_into().unwrap());
    }
    found
}

fn luminance(colour: &str) -> f64 {
    let hex = colour.trim_start_matches('#');
    let hex = if hex.len() == 3 { hex.chars().flat_map(|c| [c, c]).collect() } else { hex.to_owned() };
    let channel = |at: usize| {
        let value = f64::from(u8::from_str_radix(&hex[at..at + 2], 16).unwrap()) / 255.0;
        if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * channel(0) + 0.7152 * channel(2) + 0.0722 * channel(4)
}

fn contrast(one: &str, other: &str) -> f64 {
    let (a, b) = (luminance(one), luminance(other));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[test]
fn every_pair_that_stands_together_can_be_read() {
    let tokens = tokens();
    let mut pairs: Vec<(&str, &str, f64)> = Vec::new();
    for ground in ["bg", "surface", "sunken"] {
        for ink in ["ink", "ink-2", "accent", "danger", "warn", "ok"] {
            pairs.push((ink, ground, 4.5));
        }
        pairs.push(("line-strong", ground, 3.0));
    }
    for layer in ["layer-0", "layer-1", "layer-2", "layer-3"] {
        pairs.push((layer, "surface", 4.5));
    }
    for (ink, ground) in [("accent-ink", "accent"), ("accent", "accent-soft"), ("ink", "accent-soft"), ("ink-2", "accent-soft")] {
        pairs.push((ink, ground, 4.5));
    }
    for (ink, ground) in [("danger", "danger-soft"), ("ink", "danger-soft"), ("warn", "warn-soft"), ("ink", "warn-soft")] {
        pairs.push((ink, ground, 4.5));
    }
    let mut weak = Vec::new();
    for (one, other, least) in pairs {
        for (mode, at) in [("light", 0), ("dark", 1)] {
            let found = contrast(&tokens[one][at], &tokens[other][at]);
            if found < least {
                weak.push(format!("{one} on {other}, {mode}: {found:.2}, less than {least}"));
            }
        }
    }
    assert!(weak.is_empty(), "{weak:#?}");
    // The control: the arithmetic is WCAG's.
    assert!((contrast("#fff", "#000000") - 21.0).abs() < 0.001 && contrast("#777", "#fff") < 4.5);
}
