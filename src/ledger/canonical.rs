//! One byte form for one JSON value: the subset of RFC 8785 (JCS) without fractions, so that a hash of it is a hash of the content.

use serde::Serialize;
use serde_json::Value;

/// Why a value has no canonical form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotCanonical {
    /// A number with a fraction or an exponent, or beyond ±(2^53 − 1), which JSON readers do not agree on.
    #[error("the number {number} at {at} has no canonical form: use whole numbers within ±9007199254740991, or text")]
    Number {
        /// The number as it was written.
        number: String,
        /// A JSON pointer (RFC 6901) to it.
        at: String,
    },
    /// The value could not be turned into JSON at all.
    #[error("the value is not JSON: {0}")]
    NotJson(String),
}

/// The largest whole number that every JSON reader keeps exactly: 2^53 − 1 (RFC 7493 section 2.2).
const SAFE: u64 = 9_007_199_254_740_991;

/// The canonical bytes of anything that serialises to JSON: keys in order of their UTF-16 units, no spaces, UTF-8.
///
/// # Errors
/// [`NotCanonical`] names the number that has no canonical form.
pub fn canonical<T: Serialize>(value: &T) -> Result<Vec<u8>, NotCanonical> {
    let value = serde_json::to_value(value).map_err(|e| NotCanonical::NotJson(e.to_string()))?;
    let mut out = Vec::with_capacity(256);
    write_value(&value, &mut String::new(), &mut out)?;
    Ok(out)
}

fn write_value(value: &Value, at: &mut String, out: &mut Vec<u8>) -> Result<(), NotCanonical> {
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(true) => out.extend_from_slice(b"true"),
        Value::Bool(false) => out.extend_from_slice(b"false"),
        Value::Number(number) => write_number(number, at, out)?,
        Value::String(text) => write_text(text, out),
        Value::Array(items) => {
            out.push(b'[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                within(at, &index.to_string(), |at| write_value(item, at, out))?;
            }
            out.push(b']');
        }
        Value::Object(members) => {
            let mut sorted: Vec<_> = members.iter().collect();
            sorted.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
            out.push(b'{');
            for (index, (key, member)) in sorted.into_iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                write_text(key, out);
                out.push(b':');
                within(at, key, |at| write_value(member, at, out))?;
            }
            out.push(b'}');
        }
    }
    Ok(())
}

/// Runs `then` with one more step on the pointer, escaped as RFC 6901 asks, and takes the step back.
fn within<R>(at: &mut String, step: &str, then: impl FnOnce(&mut String) -> R) -> R {
    let before = at.len();
    at.push('/');
    at.push_str(&step.replace('~', "~0").replace('/', "~1"));
    let result = then(at);
    at.truncate(before);
    result
}

fn write_number(number: &serde_json::Number, at: &str, out: &mut Vec<u8>) -> Result<(), NotCanonical> {
    let whole = number.as_u64().or_else(|| number.as_i64().map(i64::unsigned_abs));
    match whole {
        Some(magnitude) if magnitude <= SAFE => {
            out.extend_from_slice(number.to_string().as_bytes());
            Ok(())
        }
        _ => {
            let at = if at.is_empty() { "the top" } else { at };
            Err(NotCanonical::Number { number: number.to_string(), at: at.to_owned() })
        }
    }
}

/// RFC 8785 section 3.2.2.2: only what must be escaped is escaped, in its shortest form.
fn write_text(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    for c in text.chars() {
        match c {
            '"' => out.extend_from_slice(b"\\\""),
            '\\' => out.extend_from_slice(b"\\\\"),
            '\u{8}' => out.extend_from_slice(b"\\b"),
            '\t' => out.extend_from_slice(b"\\t"),
            '\n' => out.extend_from_slice(b"\\n"),
            '\u{c}' => out.extend_from_slice(b"\\f"),
            '\r' => out.extend_from_slice(b"\\r"),
            c if u32::from(c) < 0x20 => out.extend_from_slice(format!("\\u{:04x}", u32::from(c)).as_bytes()),
            c => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    fn text(value: &Value) -> String {
        String::from_utf8(canonical(value).unwrap()).unwrap()
    }

    #[test]
    fn strings_are_written_as_in_rfc_8785_section_3_2_2() {
        let value = json!({"string": "\u{20ac}$\u{f}\nA'B\"\\\\\"/", "literals": [null, true, false]});
        assert_eq!(text(&value), "{\"literals\":[null,true,false],\"string\":\"\u{20ac}$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}");
    }

    #[test]
    fn keys_are_sorted_by_utf16_units_as_in_rfc_8785_section_3_2_3() {
        let value = json!({
            "\u{20ac}": "Euro Sign", "\r": "Carriage Return", "\u{fb33}": "Hebrew Letter Dalet With Dagesh", "1": "One",
            "\u{1f600}": "Emoji: Grinning Face", "\u{80}": "Control", "\u{f6}": "Latin Small Letter O With Diaeresis",
        });
        let names: Vec<_> = ["Carriage Return", "One", "Control", "Latin", "Euro", "Emoji", "Hebrew"].into();
        let found = text(&value);
        let places: Vec<_> = names.iter().map(|name| found.find(name).unwrap()).collect();
        assert!(places.is_sorted(), "{found}");
    }

    #[test]
    fn numbers_that_readers_disagree_on_are_refused_by_place() {
        assert_eq!(text(&json!([0, -1, 9_007_199_254_740_991_i64])), "[0,-1,9007199254740991]");
        let refused = canonical(&json!({"a/b": [1, 1.5]})).unwrap_err();
        assert_eq!(refused, NotCanonical::Number { number: "1.5".into(), at: "/a~1b/1".into() });
        assert!(canonical(&json!(9_007_199_254_740_992_i64)).is_err());
        assert!(canonical(&json!(i64::MIN)).is_err());
    }
}
