//! What a scalar means, as Kubernetes reads it.
//!
//! Source of the rules: `resolve.go` of the YAML library behind
//! `sigs.k8s.io/yaml`, a YAML 1.1 reader: `yes`, `no`, `on`, `off`, `y` and `n`
//! are booleans, a leading zero makes an octal number, `_` may divide digits,
//! base 60 does not exist, and what looks like a date stays text.

use serde_json::Number;

/// The value of a scalar.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Scalar {
    /// Nothing.
    Null,
    /// A boolean.
    Bool(bool),
    /// A whole number.
    Whole(Number),
    /// A number with a fraction or an exponent; it need not be finite.
    Float(f64),
    /// Text.
    Text(String),
}

/// How a scalar is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Written<'a> {
    /// Without quotes and without a tag: its form decides.
    Plain,
    /// In quotes or as a block: text.
    Quoted,
    /// With a tag of the YAML schema, such as `int`, or the whole of any other.
    Tagged(&'a str),
}

/// Reads `text`, or says why Kubernetes would refuse it.
pub(super) fn resolve(text: &str, written: Written<'_>) -> Result<Scalar, String> {
    let tag = match written {
        Written::Quoted => return Ok(Scalar::Text(text.to_owned())),
        Written::Plain => return Ok(by_form(text)),
        Written::Tagged(tag) => tag,
    };
    let refuse = |tag: &str| {
        let shown: String = text.chars().take(32).collect();
        Err(format!("cannot read {shown:?} as !!{tag}"))
    };
    match tag {
        "binary" => binary(text),
        "bool" | "int" | "float" | "null" => {
            let value = by_form(text);
            match (tag, &value) {
                ("bool", Scalar::Bool(_))
                | ("null", Scalar::Null)
                | ("int", Scalar::Whole(_))
                | ("float", Scalar::Float(_)) => Ok(value),
                // The library turns whole numbers of 64 signed bits into floats, and no other.
                ("float", Scalar::Whole(number)) if number.is_i64() => {
                    Ok(number.as_f64().map_or(value, Scalar::Float))
                }
                _ => refuse(tag),
            }
        }
        "timestamp" if !begins_with_date(text) => refuse(tag),
        // `str`, `timestamp` (kept as text for callers without a type) and the
        // tags of others, which the library does not resolve.
        _ => Ok(Scalar::Text(text.to_owned())),
    }
}

/// The bytes of a `!!binary` as text: as in Go's JSON encoder, each byte that is
/// no text becomes the replacement character. As in Go's base64 decoder, line
/// breaks do not count, and bits behind the end do no harm.
fn binary(text: &str) -> Result<Scalar, String> {
    use base64::alphabet::STANDARD;
    use base64::engine::{Engine as _, GeneralPurpose, GeneralPurposeConfig};
    const LENIENT: GeneralPurpose = GeneralPurpose::new(
        &STANDARD,
        GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true),
    );
    let packed = text.replace(['\n', '\r'], "");
    let bytes = LENIENT
        .decode(packed)
        .map_err(|_| "!!binary holds no base64".to_owned())?;
    let mut text = String::new();
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
    }
    Ok(Scalar::Text(text))
}

/// Whether the text begins with a day that exists: `2026-1-31`, with or without a time.
fn begins_with_date(text: &str) -> bool {
    let date = text.split(['T', 't', ' ']).next().unwrap_or(text);
    let mut parts = date.split('-');
    let (Some(year), Some(month), Some(day), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    year.len() == 4
        && [year, month, day].into_iter().all(all_digits)
        && match (year.parse(), month.parse(), day.parse()) {
            (Ok(year), Ok(month), Ok(day)) => jiff::civil::Date::new(year, month, day).is_ok(),
            _ => false,
        }
}

/// The value that the form of a plain scalar stands for.
fn by_form(text: &str) -> Scalar {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Scalar::Null,
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            return Scalar::Bool(true);
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            return Scalar::Bool(false);
        }
        ".nan" | ".NaN" | ".NAN" => return Scalar::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => {
            return Scalar::Float(f64::INFINITY);
        }
        "-.inf" | "-.Inf" | "-.INF" => return Scalar::Float(f64::NEG_INFINITY),
        _ => {}
    }
    let number = match text.as_bytes().first() {
        Some(b'.') => divided(text).and_then(|plain| float(&plain)),
        Some(b'+' | b'-' | b'0'..=b'9') => {
            let plain = text.replace('_', "");
            integer(&plain).map(Scalar::Whole).or_else(|| float(&plain))
        }
        _ => None,
    };
    number.unwrap_or_else(|| Scalar::Text(text.to_owned()))
}

/// A whole number with the prefixes of Go: `0x`, `0o`, `0b`, or a bare `0` for octal.
fn integer(text: &str) -> Option<Number> {
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, text.get(1..)?),
        b'+' => (false, text.get(1..)?),
        _ => (false, text),
    };
    let (radix, digits) = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, digits.get(2..)?),
        [b'0', b'o' | b'O', ..] => (8, digits.get(2..)?),
        [b'0', b'b' | b'B', ..] => (2, digits.get(2..)?),
        [b'0', _, ..] => (8, digits.get(1..)?),
        _ => (10, digits),
    };
    // A second sign would be accepted by the parser of the standard library.
    if !digits.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return None;
    }
    let size = u64::from_str_radix(digits, radix).ok()?;
    if negative {
        0_i64.checked_sub_unsigned(size).map(Number::from)
    } else if text.starts_with('+') {
        // An explicit plus is only known to the signed reader.
        i64::try_from(size).ok().map(Number::from)
    } else {
        Some(Number::from(size))
    }
}

/// A text without its `_`, each of which must stand between two digits.
fn divided(text: &str) -> Option<std::borrow::Cow<'_, str>> {
    if !text.contains('_') {
        return Some(text.into());
    }
    let is_digit = |part: Option<char>| part.is_some_and(|c| c.is_ascii_digit());
    let parts: Vec<&str> = text.split('_').collect();
    let stands_right = parts.iter().enumerate().all(|(at, part)| {
        (at == 0 || is_digit(part.chars().next()))
            && (at + 1 == parts.len() || is_digit(part.chars().next_back()))
    });
    stands_right.then(|| parts.concat().into())
}

/// A number with a fraction or an exponent. One that is too large is text.
fn float(text: &str) -> Option<Scalar> {
    if !looks_like_float(text) {
        return None;
    }
    let value: f64 = text.parse().ok()?;
    value.is_finite().then_some(Scalar::Float(value))
}

/// A float in JSON. One that is whole is written as a whole number, as Go's
/// JSON encoder does below 10^21.
pub(super) fn float_value(value: f64) -> Result<Number, String> {
    // 2^63 is the first value that an `i64` cannot hold.
    if value.fract() == 0.0 && value.abs() < 9_223_372_036_854_775_808.0 {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "whole, and bounded just above"
        )]
        return Ok(Number::from(value as i64));
    }
    Number::from_f64(value)
        .ok_or_else(|| format!("{value} has no place in an object: JSON cannot hold it"))
}

/// `[-+]? ( .digits | digits [.digits?] ) ( [eE] [-+]? digits )?`
fn looks_like_float(text: &str) -> bool {
    let rest = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match rest.find(['e', 'E']) {
        Some(at) => (rest.get(..at).unwrap_or(""), rest.get(at + 1..)),
        None => (rest, None),
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let whole = match mantissa.split_once('.') {
        Some(("", fraction)) => digits(fraction),
        Some((whole, fraction)) => digits(whole) && (fraction.is_empty() || digits(fraction)),
        None => digits(mantissa),
    };
    whole
        && exponent
            .is_none_or(|exponent| digits(exponent.strip_prefix(['-', '+']).unwrap_or(exponent)))
}

/// The text of a key: JSON has no other keys.
pub(super) fn key(scalar: Scalar) -> Result<String, String> {
    match scalar {
        Scalar::Text(text) => Ok(text),
        Scalar::Bool(value) => Ok(value.to_string()),
        Scalar::Null => Err("a key must not be null".to_owned()),
        // The library keeps what only fits without a sign in a type that it
        // does not take for a key.
        Scalar::Whole(number) if !number.is_i64() => {
            Err(format!("{number} is too large for a key that is a number"))
        }
        Scalar::Whole(number) => Ok(number.to_string()),
        Scalar::Float(value) => Ok(float_key(value)),
    }
}

/// A key that is a fraction, in Go's `%g` of a 32-bit float, which is what the
/// conversion to JSON uses: exponents below -4 and from 6 on are written out.
fn float_key(value: f64) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the conversion does the same"
    )]
    let short = value as f32;
    if short.is_nan() {
        return ".nan".to_owned();
    }
    if short.is_infinite() {
        return if short > 0.0 { ".inf" } else { "-.inf" }.to_owned();
    }
    let scientific = format!("{short:e}");
    let Some((mantissa, exponent)) = scientific.split_once('e') else {
        return scientific;
    };
    match exponent.parse::<i32>() {
        Ok(power) if !(-4..6).contains(&power) => {
            let sign = if power < 0 { '-' } else { '+' };
            format!("{mantissa}e{sign}{:02}", power.abs())
        }
        _ => short.to_string(),
    }
}
