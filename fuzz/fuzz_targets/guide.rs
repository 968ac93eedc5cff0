//! Guides, in every form that a file of them can have, read and judged.

#![no_main]

use libfuzzer_sys::fuzz_target;
use refit_knowledge::Knowledge;
use refit_sources::guide::{Form, read};

fuzz_target!(|bytes: &[u8]| {
    let (Some((choice, bytes)), names) = (
        bytes.split_first(),
        ["a.md", "a.txt", "a.sh", "a.ps1", "a.yaml"],
    ) else {
        return;
    };
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let name = names[usize::from(*choice) % names.len()];
    let knowledge = Knowledge::embedded();
    let guide = read(text, Form::of(name), &knowledge.tools().names().collect());
    for snippet in &guide.snippets {
        for command in &snippet.commands {
            assert!(command.program <= command.words.len());
            for word in &command.words {
                let line = snippet.line(word.span).unwrap();
                assert!(word.span.from <= word.span.to && word.span.to <= line.length());
            }
        }
    }
    let lines = text.split('\n').count();
    for remark in refit_assessor::guide::lint(&guide, knowledge).remarks {
        assert!((1..=lines).contains(&(remark.line as usize)));
        let shown = remark.excerpt.text.chars().count() as u32;
        assert!(remark.column >= remark.excerpt.column);
        assert!(remark.column <= remark.excerpt.column + shown);
    }
});
