//! The guide to projects tells what the templates want.

use crate::support::template;

#[test]
fn the_parameters_of_the_guide_are_those_that_must_be_set() {
    let path = format!(
        "{}/../../docs/guides/projects.md",
        env!("CARGO_MANIFEST_DIR")
    );
    let guide = std::fs::read_to_string(path).unwrap();
    let rows: Vec<(String, String)> = guide
        .lines()
        .filter_map(|line| {
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            let [_, name, _, parameters, _] = cells.as_slice() else {
                return None;
            };
            let name = name.strip_prefix('`')?.strip_suffix('`')?;
            Some((
                name.to_owned(),
                parameters.replace('`', "").trim().to_owned(),
            ))
        })
        .collect();
    assert_eq!(rows.len(), 8);
    for (name, told) in rows {
        let wanted: Vec<String> = template(&name)
            .parameters
            .iter()
            .filter(|parameter| parameter.default.is_none())
            .map(|parameter| parameter.name.to_string())
            .collect();
        let wanted = if wanted.is_empty() {
            "none".to_owned()
        } else {
            wanted.join(", ")
        };
        assert_eq!(told, wanted, "{name}");
    }
}
