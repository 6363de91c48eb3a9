//! Tables as text: a name, what must come of it, and the bytes, with ` | ` between them.

use super::bytes_of;

/// A line of a table.
pub struct Case {
    pub name: String,
    /// What must come of it.
    pub expected: String,
    pub bytes: Vec<u8>,
}

/// The lines of a table. Bytes are written as in exchanges; those that come up again
/// and again are given a name once, `{NAME} = bytes`, and then meant by `{NAME}`. What
/// begins with `#` is for people.
pub fn cases(table: &str) -> Vec<Case> {
    let (mut names, mut cases) = (Vec::new(), Vec::new());
    for line in
        table.lines().filter(|line| !line.is_empty() && !line.starts_with('#'))
    {
        if line.starts_with('{')
            && let Some((name, bytes)) = line.split_once("} = ")
        {
            names.push((format!("{name}}}"), bytes));
            continue;
        }
        // An empty column, too, ends in the space that is behind its bar.
        let columns: Vec<String> = format!("{line} ")
            .splitn(3, " | ")
            .map(|it| it.trim().into())
            .collect();
        let [name, expected, bytes] = &columns[..] else {
            panic!("these are not three columns: {line}");
        };
        let bytes = names
            .iter()
            .fold(bytes.clone(), |bytes, (name, meant)| bytes.replace(name, meant));
        cases.push(Case {
            name: name.clone(),
            expected: String::from_utf8(bytes_of(expected)).unwrap(),
            bytes: bytes_of(&bytes),
        });
    }
    assert!(!cases.is_empty(), "there is nothing in the table");
    cases
}
