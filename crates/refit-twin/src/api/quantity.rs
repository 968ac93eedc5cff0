//! Quantities as manifests write them, in thousandths.

/// The value of `text` in thousandths, rounded up as the server does; `None`
/// for what is no quantity, is negative, or is beyond 64 bits.
///
/// Source: apimachinery `resource.Quantity`; exponents (`1e3`) are not read.
pub(super) fn thousandths(text: &str) -> Option<u64> {
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(end)?;
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let (times, per): (u128, u128) = match unit {
        "n" => (1, 1_000_000),
        "u" => (1, 1_000),
        "m" => (1, 1),
        "" => (1_000, 1),
        "k" => (1_000_000, 1),
        "M" => (1_000_000_000, 1),
        "G" => (1_000_000_000_000, 1),
        "T" => (1_000_000_000_000_000, 1),
        "Ki" => (1_000 << 10, 1),
        "Mi" => (1_000 << 20, 1),
        "Gi" => (1_000 << 30, 1),
        "Ti" => (1_000 << 40, 1),
        _ => return None,
    };
    // Nine digits behind the point are what a quantity keeps.
    let fraction = fraction.get(..fraction.len().min(9))?;
    let scale = 10_u128.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    let digits: u128 = format!("{whole}{fraction}").parse().ok()?;
    let exact = digits.checked_mul(times)?;
    u64::try_from(exact.div_ceil(scale.checked_mul(per)?)).ok()
}

/// The value of `text` in whole units, rounded up.
pub(super) fn units(text: &str) -> Option<u64> {
    thousandths(text).map(|value| value.div_ceil(1000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities() {
        for (text, expected) in [
            ("10m", Some(10)),
            ("1000", Some(1_000_000)),
            ("1.5", Some(1500)),
            ("10Mi", Some(10_485_760_000)),
            ("128Gi", Some(137_438_953_472_000)),
            ("100n", Some(1)),
            ("", None),
            ("-1", None),
            ("1x", None),
            ("99999999999999999999Ti", None),
        ] {
            assert_eq!(thousandths(text), expected, "{text:?}");
        }
        assert_eq!(units("1500m"), Some(2));
    }
}
