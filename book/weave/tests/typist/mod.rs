//! Somebody who types: each listing where its caption says, and no idea what it means.

use std::collections::BTreeMap;
use std::ops::Range;

use regex::Regex;

#[derive(Default)]
pub struct Typist {
    pub files: BTreeMap<String, Vec<String>>,
}

impl Typist {
    pub fn take(
        &mut self,
        file: &str,
        caption: &str,
        code: &str,
    ) -> Result<(), String> {
        let code: Vec<String> = code.lines().map(str::to_owned).collect();
        if caption.starts_with("new file") {
            let before = self.files.insert(file.to_owned(), code);
            return before.map_or(Ok(()), |_| Err("it is there already".into()));
        }
        let lines = self.files.get_mut(file).ok_or("there is no such file")?;
        let again = Regex::new(" again(, and [^:]+(::[^:]+)*)?: ").unwrap();
        if again.is_match(caption) {
            return code
                .split(|line| line == "@@")
                .try_for_each(|it| change(lines, it));
        }
        let how = Regex::new("^(goes on|grows: [a-z0-9 ]+ more), ").unwrap();
        let how = how.find(caption).ok_or("grows how?")?;
        let place = &caption[how.end()..];
        if place == "among the other imports" {
            return sort_in(lines, code);
        }
        match place.strip_prefix("imports among the others, the rest ") {
            Some(place) => {
                let (imports, rest) = imports(code);
                sort_in(lines, imports)?;
                put(lines, place, rest)
            }
            None => put(lines, place, code),
        }
    }

    /// Fails unless somebody who has typed all has this file, blank lines aside.
    pub fn assert_has(&self, file: &str, text: &str) {
        let written = |lines: &mut dyn Iterator<Item = &str>| -> Vec<String> {
            let lines = lines.map(|line| line.trim().to_owned());
            lines.filter(|line| !line.is_empty()).collect()
        };
        let typed = written(&mut self.files[file].iter().map(String::as_str));
        let text = written(&mut text.lines());
        let differs = (0..typed.len().max(text.len()))
            .find(|&line| typed.get(line) != text.get(line));
        if let Some(line) = differs {
            panic!(
                "{file} comes out with {:?} after {:?}, where there should be {:?}",
                typed.get(line),
                line.checked_sub(1).map(|line| &typed[line]),
                text.get(line),
            );
        }
    }
}

/// Changes lines that are there, and there once; blank lines are nobody's concern.
fn change(lines: &mut Vec<String>, hunk: &[String]) -> Result<(), String> {
    let side = |sign| {
        let lines = hunk.iter().filter_map(move |line| {
            line.strip_prefix(' ').or_else(|| line.strip_prefix(sign))
        });
        lines.filter(|line| !line.is_empty())
    };
    let (old, new) = (side('-').collect::<Vec<_>>(), side('+').map(str::to_owned));
    lines.retain(|line| !line.is_empty());
    let starts = (0..=lines.len().saturating_sub(old.len())).filter(|&start| {
        lines[start..].iter().zip(&old).all(|(is, was)| is == was)
    });
    let starts: Vec<usize> = starts.collect();
    let [start] = starts[..] else {
        return Err(format!("{} places are as before {hunk:#?}", starts.len()));
    };
    lines.splice(start..start + old.len(), new);
    Ok(())
}

/// Types code in a place of a file.
fn put(
    lines: &mut Vec<String>,
    place: &str,
    mut code: Vec<String>,
) -> Result<(), String> {
    let (block, place) = match place.split_once(", ") {
        Some((block, place)) => (block.strip_prefix("in "), place),
        None => (None, place),
    };
    let mut within = 0..lines.len();
    if let Some(block) = block {
        let whole = item(lines, within, block)?;
        within = opened(&lines[whole.clone()])? + whole.start..whole.end - 1;
        // The block is there: what it opens and closes with is not typed again.
        code = code[opened(&code)?..code.len() - 1].to_vec();
    }
    let at = match place {
        "at its beginning" => within.start,
        "at its end" => within.end,
        "below the //! at its top" => {
            let is_top = |line: &String| line.starts_with("//!");
            lines.iter().rposition(is_top).ok_or("there is no //!")? + 1
        }
        "below the imports" => uses(lines).last().ok_or("there are none")?.end,
        _ => {
            let name = place.strip_prefix("after ").ok_or("goes where?")?;
            item(lines, within, name)?.end
        }
    };
    lines.splice(at..at, code);
    Ok(())
}

/// How many lines a block's heading has.
fn opened(block: &[String]) -> Result<usize, String> {
    let opens = block.iter().position(|line| line.ends_with('{'));
    Ok(opens.ok_or("no block is opened")? + 1)
}

/// The lines of each import.
fn uses(lines: &[String]) -> Vec<Range<usize>> {
    let first = Regex::new(r"^(pub(\([a-z]+\))? )?use ").unwrap();
    let starts = (0..lines.len()).filter(|&line| first.is_match(&lines[line]));
    let range = |start| {
        let end = (start..lines.len()).find(|&line| lines[line].ends_with(';'));
        start..end.expect("an import ends") + 1
    };
    starts.map(range).collect()
}

/// Parts the imports of a listing from the rest.
fn imports(mut code: Vec<String>) -> (Vec<String>, Vec<String>) {
    let mut imports = Vec::new();
    for lines in uses(&code).into_iter().rev() {
        imports.splice(0..0, code.drain(lines));
    }
    (imports, code)
}

/// Types imports where rustfmt would have them: the standard library's first, then
/// those of others, then our own.
fn sort_in(lines: &mut Vec<String>, code: Vec<String>) -> Result<(), String> {
    let modules = lines.iter().filter_map(|line| line.strip_prefix("mod "));
    let modules: Vec<String> = modules.map(str::to_owned).collect();
    let key = |lines: &[String]| {
        let text = lines.join("");
        let path = text.split("use ").nth(1).unwrap_or_default().to_owned();
        let path = path.trim_end_matches(';').to_owned();
        let root = path.split("::").next().unwrap_or_default();
        let rank = match root {
            "core" | "std" => 0,
            "self" => 2,
            "super" => 3,
            "crate" => 4,
            _ => 1,
        };
        // What the file has itself comes last.
        let is_own = root.starts_with(|it: char| it.is_ascii_uppercase())
            || modules.iter().any(|it| it.trim_end_matches(';') == root);
        (if is_own { 5 } else { rank }, path)
    };
    let new = uses(&code);
    if new.iter().map(Range::len).sum::<usize>()
        != code.iter().filter(|line| !line.is_empty()).count()
    {
        return Err("there is something else than imports".into());
    }
    for import in new.into_iter().map(|import| &code[import]) {
        let there = uses(lines);
        let below =
            there.iter().find(|it| key(&lines[(*it).clone()]) > key(import));
        let at = match below {
            Some(below) => below.start,
            None => there.last().ok_or("there are no imports yet")?.end,
        };
        lines.splice(at..at, import.iter().cloned());
    }
    Ok(())
}

/// The lines of the item of a name.
fn item(
    lines: &[String],
    within: Range<usize>,
    name: &str,
) -> Result<Range<usize>, String> {
    let ordinals = ["the first ", "the second ", "the third "];
    let ordinal = ordinals.iter().position(|ordinal| name.starts_with(ordinal));
    let name = ordinal.map_or(name, |index| &name[ordinals[index].len()..]);
    let parameters = "(<.*>)?";
    let as_written = format!("{name} {{");
    let is_written = within.clone().any(|line| lines[line] == as_written);
    let pattern = match name.strip_prefix("impl ") {
        _ if is_written => format!("^{}$", regex::escape(&as_written)),
        Some(name) => {
            let name = name.split(' ').map(regex::escape).collect::<Vec<_>>();
            let name = name.join(&format!("{parameters} "));
            format!("^impl{parameters} ([a-z_]+::)*{name}{parameters}(?: |$)")
        }
        None => match name.strip_suffix('!') {
            Some(name) => format!(r"^ *(macro_rules! )?{name}(!| )"),
            None => {
                // The names of these have their keywords with them.
                let keyword = match ["mod ", "use "]
                    .iter()
                    .any(|it| name.starts_with(it))
                {
                    true => "",
                    false => {
                        "((async|const) )*(const|static|fn|struct|enum|trait|type) "
                    }
                };
                let name = regex::escape(name);
                format!(r"^ *(pub(\([a-z]+\))? )?{keyword}{name}\b")
            }
        },
    };
    let pattern = Regex::new(&pattern).unwrap();
    let mut starts = within.clone().filter(|&line| pattern.is_match(&lines[line]));
    let start = starts.nth(ordinal.unwrap_or(0));
    let start = start.ok_or(format!("there is no {name}"))?;
    let indent = |line: &str| line.len() - line.trim_start().len();
    // A constant's value may stand on a line of its own, further in.
    let is_value = |line: usize| line == start + 1 && lines[start].ends_with(" =");
    let is_end = |line: &usize| {
        let text = &lines[*line];
        let is_level = indent(text) == indent(&lines[start]);
        (is_level || is_value(*line))
            && (text.ends_with(';') || text.ends_with('}'))
    };
    let end =
        (start..within.end).find(is_end).ok_or(format!("{name} has no end"))?;
    Ok(start..end + 1)
}
