//! Patterns: texts in which `*` stands for any text, also for none.

/// Whether `text` is what `pattern` describes.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else {
        return false;
    };
    let Some(last) = pattern.rsplit_once('*').map(|(_, last)| last) else {
        return rest.is_empty();
    };
    let between = pattern.matches('*').count().saturating_sub(1);
    for part in parts.take(between) {
        let Some(at) = rest.find(part) else {
            return false;
        };
        rest = rest.get(at + part.len()..).unwrap_or_default();
    }
    rest.ends_with(last)
}

/// How much of a pattern is written out: the longer of two that match is the
/// closer one.
pub(super) fn closeness(pattern: &str) -> usize {
    pattern.bytes().filter(|byte| *byte != b'*').count()
}

/// Whether the pattern stands for one text only.
pub(super) fn is_exact(pattern: &str) -> bool {
    !pattern.contains('*')
}
