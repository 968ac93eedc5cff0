//! Kubernetes quantities: `100m`, `2Gi`, `1e3`.
//!
//! Source of the grammar: apimachinery `resource.Quantity`.

/// The quantity in thousandths, rounded up and saturating: what processors are
/// counted in. `None` for what is no quantity, or is negative.
#[must_use]
pub fn millis(text: &str) -> Option<u64> {
    scaled(text, 1000)
}

/// The quantity in whole units, rounded up and saturating: bytes, pods.
#[must_use]
pub fn units(text: &str) -> Option<u64> {
    scaled(text, 1)
}

/// `text` times `factor`.
fn scaled(text: &str, factor: u128) -> Option<u64> {
    let text = text.strip_prefix('+').unwrap_or(text);
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (number, suffix) = text.split_at(end);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    // 18 digits on either side leave room in 128 bits for every suffix; the
    // largest node has less than 10^15 bytes of memory.
    if (whole.is_empty() && fraction.is_empty())
        || whole.len() > 18
        || fraction.len() > 18
        || fraction.contains('.')
    {
        return None;
    }
    let parse = |digits: &str| -> Option<u128> {
        if digits.is_empty() {
            Some(0)
        } else {
            digits.parse().ok()
        }
    };
    let denominator = 10_u128.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    let numerator = parse(whole)?
        .checked_mul(denominator)?
        .checked_add(parse(fraction)?)?;
    let (up, down) = suffix_factor(suffix)?;
    let numerator = numerator.saturating_mul(factor).saturating_mul(up);
    let value = numerator.div_ceil(denominator.saturating_mul(down).max(1));
    Some(u64::try_from(value).unwrap_or(u64::MAX))
}

/// What a suffix multiplies and divides by.
fn suffix_factor(suffix: &str) -> Option<(u128, u128)> {
    let up = |factor| Some((factor, 1));
    let down = |factor| Some((1, factor));
    match suffix {
        "" => up(1),
        "n" => down(1_000_000_000),
        "u" => down(1_000_000),
        "m" => down(1_000),
        "k" => up(1_000),
        "M" => up(1_000_000),
        "G" => up(1_000_000_000),
        "T" => up(1_000_000_000_000),
        "P" => up(1_000_000_000_000_000),
        "E" => up(1_000_000_000_000_000_000),
        "Ki" => up(1 << 10),
        "Mi" => up(1 << 20),
        "Gi" => up(1 << 30),
        "Ti" => up(1 << 40),
        "Pi" => up(1 << 50),
        "Ei" => up(1 << 60),
        _ => {
            let exponent: i32 = suffix.strip_prefix(['e', 'E'])?.parse().ok()?;
            // 18 is the exponent of the largest suffix.
            let power = 10_u128.checked_pow(exponent.unsigned_abs().min(18))?;
            if exponent < 0 { down(power) } else { up(power) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, in_millis: Option<u64>, in_units: Option<u64>) {
        assert_eq!(millis(text), in_millis, "{text:?} in thousandths");
        assert_eq!(units(text), in_units, "{text:?} in units");
    }

    #[test]
    fn quantities() {
        check("4", Some(4000), Some(4));
        check("3800m", Some(3800), Some(4));
        check("0.1", Some(100), Some(1));
        check(".5", Some(500), Some(1));
        check("1.5Gi", Some(1_610_612_736_000), Some(1_610_612_736));
        check("15728640Ki", Some(16_106_127_360_000), Some(16_106_127_360));
        check("1e3", Some(1_000_000), Some(1000));
        check("12E-1", Some(1200), Some(2));
        check("129M", Some(129_000_000_000), Some(129_000_000));
        check("100n", Some(1), Some(1));
        check("16Ei", Some(u64::MAX), Some(u64::MAX));
        for refused in [
            "",
            "-1",
            "1.2.3",
            "m",
            "1 Gi",
            "1Kib",
            "0x10",
            "1e",
            "ten",
            "99999999999999999999999999999999999999999",
        ] {
            check(refused, None, None);
        }
    }
}
