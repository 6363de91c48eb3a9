//! A Rust file, cut into pieces that go by the language's own names.

use std::collections::BTreeSet;
use std::ops::Range;

use proc_macro2::Span;
use syn::spanned::Spanned;

/// Which lines of a file a listing shows. Lines are counted from 0.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// The lines that it is about.
    pub lines: BTreeSet<usize>,
    /// The first and last lines of the blocks that those stand in.
    pub frames: BTreeSet<usize>,
    /// What was selected, as it was named.
    pub names: Vec<String>,
}

/// A file of source text.
#[derive(Debug, Clone)]
pub struct Source {
    /// Where it is, from the repository's root, with slashes.
    pub path: String,
    /// Its lines, without their ends.
    pub lines: Vec<String>,
    /// What it is made of, in order.
    pub pieces: Vec<Piece>,
}

/// A run of lines that has a name: an item with its doc comment, its attributes and
/// the comments before it.
#[derive(Debug, Clone)]
pub struct Piece {
    /// By what it is called: `main`, `impl Options`, `use`, `//!`.
    pub name: String,
    /// Its lines.
    pub lines: Range<usize>,
    /// The methods of an `impl` or a `trait`: `Options::run`.
    pub members: Vec<Piece>,
}

impl Source {
    /// Cuts up the text of a Rust file; what is wrong with it, if it is none.
    pub fn rust(path: &str, text: &str) -> Result<Source, String> {
        let file = syn::parse_file(text).map_err(|error| {
            let line = error.span().start().line;
            format!("{path}:{line}: {error}")
        })?;
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let mut pieces = Vec::new();
        let mut end = 0;
        if let Some(last) = file.attrs.last() {
            end = last.span().end().line;
            pieces.push(Piece {
                name: "//!".into(),
                lines: 0..end,
                members: vec![],
            });
        }
        for item in &file.items {
            let name = name_of(item).ok_or_else(|| {
                let line = item.span().start().line;
                format!("{path}:{line}: an item that weave has no name for")
            })?;
            let piece = cut(&lines, end, item.span(), name);
            let members = members_of(&lines, item);
            end = piece.lines.end;
            pieces.push(Piece { members, ..piece });
        }
        // Comments after the last item are part of it.
        if let (Some(last), Some(text)) =
            (pieces.last_mut(), lines.iter().rposition(|line| !is_blank(line)))
        {
            last.lines.end = last.lines.end.max(text + 1);
        }
        Ok(Source { path: path.to_owned(), lines, pieces })
    }

    /// All of it.
    pub fn whole(&self) -> Selection {
        let lines =
            (0..self.lines.len()).filter(|&line| !is_blank(&self.lines[line]));
        Selection { lines: lines.collect(), ..Selection::default() }
    }

    /// The lines of all pieces of a name; none if there is no such piece.
    pub fn select(&self, name: &str) -> Option<Selection> {
        let mut selection = Selection::default();
        for piece in &self.pieces {
            if piece.name == name {
                selection.lines.extend(self.text_in(&piece.lines));
            }
            for member in piece.members.iter().filter(|member| member.name == name)
            {
                selection.lines.extend(self.text_in(&member.lines));
                selection.frames.extend(self.frame_of(piece));
            }
        }
        selection.names.push(name.to_owned());
        (!selection.lines.is_empty()).then_some(selection)
    }

    /// The name of every piece, members included.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().flat_map(|piece| {
            let members = piece.members.iter().map(|member| member.name.as_str());
            std::iter::once(piece.name.as_str()).chain(members)
        })
    }

    /// The innermost piece that a line belongs to.
    pub fn piece_at(&self, line: usize) -> Option<&Piece> {
        let piece = self.pieces.iter().find(|piece| piece.lines.contains(&line))?;
        let member =
            piece.members.iter().find(|member| member.lines.contains(&line));
        Some(member.unwrap_or(piece))
    }

    /// The lines of a block that are no member's.
    fn frame_of(&self, piece: &Piece) -> Vec<usize> {
        let in_member =
            |line: &usize| piece.members.iter().any(|m| m.lines.contains(line));
        self.text_in(&piece.lines).filter(|line| !in_member(line)).collect()
    }

    fn text_in(&self, lines: &Range<usize>) -> impl Iterator<Item = usize> {
        lines.clone().filter(|&line| !is_blank(&self.lines[line]))
    }
}

/// Whether a line has nothing on it.
pub fn is_blank(line: &str) -> bool {
    line.trim().is_empty()
}

/// The piece of an item: from the first text after the last one to its own end.
fn cut(lines: &[String], after: usize, span: Span, name: String) -> Piece {
    let starts = span.start().line - 1;
    let first = (after..starts).find(|&line| !is_blank(&lines[line]));
    let lines = first.unwrap_or(starts)..span.end().line;
    Piece { name, lines, members: Vec::new() }
}

fn name_of(item: &syn::Item) -> Option<String> {
    Some(match item {
        syn::Item::Fn(item) => item.sig.ident.to_string(),
        syn::Item::Struct(item) => item.ident.to_string(),
        syn::Item::Enum(item) => item.ident.to_string(),
        syn::Item::Type(item) => item.ident.to_string(),
        syn::Item::Const(item) => item.ident.to_string(),
        syn::Item::Static(item) => item.ident.to_string(),
        syn::Item::Trait(item) => item.ident.to_string(),
        syn::Item::Mod(item) => format!("mod {}", item.ident),
        syn::Item::Use(_) => "use".into(),
        syn::Item::Impl(item) => format!("impl {}", heading(item)),
        syn::Item::Macro(item) => {
            let path = item.mac.path.segments.last()?;
            format!("{}!", item.ident.as_ref().unwrap_or(&path.ident))
        }
        _ => return None,
    })
}

/// `Type`, or `Trait for Type`, without their generics.
fn heading(item: &syn::ItemImpl) -> String {
    let name = type_name(&item.self_ty);
    match &item.trait_ {
        Some((_, path, _)) => format!("{} for {name}", last_segment(path)),
        None => name,
    }
}

fn type_name(ty: &syn::Type) -> String {
    match ty {
        syn::Type::Path(path) => last_segment(&path.path),
        syn::Type::Reference(reference) => type_name(&reference.elem),
        _ => "_".into(),
    }
}

fn last_segment(path: &syn::Path) -> String {
    path.segments
        .last()
        .map(|segment| segment.ident.to_string())
        .unwrap_or_default()
}

fn members_of(lines: &[String], item: &syn::Item) -> Vec<Piece> {
    let (open, prefix, members): (Span, String, Vec<(String, Span)>) = match item {
        syn::Item::Impl(block) => {
            let name = type_name(&block.self_ty);
            let prefix = match &block.trait_ {
                Some((_, path, _)) => format!("<{name} as {}>", last_segment(path)),
                None => name,
            };
            let named = |member: &syn::ImplItem| {
                let name = match member {
                    syn::ImplItem::Fn(item) => item.sig.ident.to_string(),
                    syn::ImplItem::Const(item) => item.ident.to_string(),
                    syn::ImplItem::Type(item) => item.ident.to_string(),
                    _ => return None,
                };
                Some((name, member.span()))
            };
            let open = block.brace_token.span.open();
            (open, prefix, block.items.iter().filter_map(named).collect())
        }
        syn::Item::Trait(block) => {
            let named = |member: &syn::TraitItem| {
                let name = match member {
                    syn::TraitItem::Fn(item) => item.sig.ident.to_string(),
                    syn::TraitItem::Const(item) => item.ident.to_string(),
                    syn::TraitItem::Type(item) => item.ident.to_string(),
                    _ => return None,
                };
                Some((name, member.span()))
            };
            let open = block.brace_token.span.open();
            let prefix = block.ident.to_string();
            (open, prefix, block.items.iter().filter_map(named).collect())
        }
        _ => return Vec::new(),
    };
    let mut end = open.end().line;
    let mut pieces = Vec::new();
    for (name, span) in members {
        let piece = cut(lines, end, span, format!("{prefix}::{name}"));
        end = piece.lines.end;
        pieces.push(piece);
    }
    pieces
}
