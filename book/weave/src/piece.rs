//! What a Rust file is made of, cut out by lines and named as the language has it.
//!
//! | what | its name | its full name, if that is another |
//! |---|---|---|
//! | function, type, constant, trait | `main`, `Options`, `LIMIT` | |
//! | module | `mod parse` | |
//! | macro, or a call of one | `line!` | |
//! | import, `pub` or not | `use std::io` | `use std::io::{self, Write}` |
//! | `impl` | `impl Parser`, `impl From for Error` | `impl Parser<'_>`, `impl From<io::Error> for Error` |
//! | what is in an `impl` or a `trait` | `Parser::next`, `<Error as From>::from` | `<Error as From<io::Error>>::from` |
//! | the file's own comment and attributes | `//!` | |

use std::ops::Range;

use proc_macro2::Span;
use syn::spanned::Spanned;

use crate::source::is_blank;

/// A run of lines that has a name: an item with its doc comment, its attributes and
/// the comments before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// By what it is called: `main`, `impl From for Error`, `use std::io`, `//!`.
    pub name: String,
    /// What tells it from others that are called so: `impl From<io::Error> for Error`,
    /// `use std::io::{self, Write}`.
    pub full_name: String,
    /// Its lines.
    pub lines: Range<usize>,
    /// Where a block's heading begins, below its comments and attributes; of all else,
    /// the first line.
    pub heading: usize,
    /// What is in an `impl` or a `trait`: `Options::run`.
    pub members: Vec<Piece>,
}

impl Piece {
    /// Whether it is a `use`.
    pub fn is_import(&self) -> bool {
        self.name.starts_with("use ")
    }
}

/// A line, from 1, and what is wrong in it.
pub type Fault = (usize, String);

/// The pieces of a Rust file's text, which has these lines, in order.
///
/// # Errors
/// If it is no Rust, or has an item that nobody has thought of a name for.
pub fn pieces(text: &str, lines: &[String]) -> Result<Vec<Piece>, Fault> {
    let file = syn::parse_file(text)
        .map_err(|error| (error.span().start().line, error.to_string()))?;
    let mut pieces = Vec::new();
    let mut end = 0;
    if let Some(last) = file.attrs.last() {
        end = last.span().end().line;
        let names = ("//!".to_owned(), "//!".to_owned());
        pieces.push(cut(lines, 0, last.span(), names));
    }
    for item in &file.items {
        let names = names_of(item).ok_or_else(|| nameless(item.span()))?;
        let mut piece = cut(lines, end, item.span(), names);
        if let Some(block) = Block::of(item) {
            piece.heading = block.keyword.start().line - 1;
            piece.members = block.cut(lines)?;
        }
        end = piece.lines.end;
        pieces.push(piece);
    }
    if let Some(last) = pieces.last_mut() {
        take_in_comments(lines, last, lines.len());
    }
    Ok(pieces)
}

fn nameless(item: Span) -> Fault {
    (item.start().line, "weave has no name for this".into())
}

/// What an item is called: its name, and its full name.
type Names = (String, String);

/// The piece of an item: from the first text after the last one to its own end.
fn cut(lines: &[String], after: usize, span: Span, names: Names) -> Piece {
    let starts = span.start().line - 1;
    let first = (after..starts).find(|&line| !is_blank(&lines[line]));
    let lines = first.unwrap_or(starts)..span.end().line;
    let (name, full_name) = names;
    let heading = lines.start;
    Piece { name, full_name, lines, heading, members: Vec::new() }
}

/// Comments after the last item, up to where something ends, are part of it.
fn take_in_comments(lines: &[String], last: &mut Piece, end: usize) {
    let text = (last.lines.end..end).rfind(|&line| !is_blank(&lines[line]));
    last.lines.end = text.map_or(last.lines.end, |line| line + 1);
}

fn names_of(item: &syn::Item) -> Option<Names> {
    let name = match item {
        syn::Item::Fn(item) => item.sig.ident.to_string(),
        syn::Item::Struct(item) => item.ident.to_string(),
        syn::Item::Enum(item) => item.ident.to_string(),
        syn::Item::Union(item) => item.ident.to_string(),
        syn::Item::Type(item) => item.ident.to_string(),
        syn::Item::Const(item) => item.ident.to_string(),
        syn::Item::Static(item) => item.ident.to_string(),
        syn::Item::Trait(item) => item.ident.to_string(),
        syn::Item::Mod(item) => format!("mod {}", item.ident),
        syn::Item::Use(item) => return Some(import_names(&item.tree)),
        syn::Item::Impl(item) => {
            let (short, full) = (short_type(&item.self_ty), text_of(&item.self_ty));
            return Some(match &item.trait_ {
                Some((_, path, _)) => (
                    format!("impl {} for {short}", last_segment(path)),
                    format!("impl {} for {full}", text_of(path)),
                ),
                None => (format!("impl {short}"), format!("impl {full}")),
            });
        }
        syn::Item::Macro(item) => {
            format!("{}!", item.ident.as_ref().or(last_ident(&item.mac.path))?)
        }
        _ => return None,
    };
    Some((name.clone(), name))
}

/// `use` with the path up to a brace or an `as`, and the whole of it.
fn import_names(tree: &syn::UseTree) -> Names {
    let mut path = Vec::new();
    let mut rest = tree;
    loop {
        match rest {
            syn::UseTree::Path(inner) => {
                path.push(inner.ident.to_string());
                rest = &inner.tree;
                continue;
            }
            syn::UseTree::Name(name) => path.push(name.ident.to_string()),
            syn::UseTree::Rename(name) => path.push(name.ident.to_string()),
            syn::UseTree::Glob(_) | syn::UseTree::Group(_) => {}
        }
        let full = text_of(tree);
        // A group of everything has no path.
        let short = if path.is_empty() { full.clone() } else { path.join("::") };
        return (format!("use {short}"), format!("use {full}"));
    }
}

/// Code on one line, as rustfmt would have it if lines had no end.
fn text_of(code: &impl Spanned) -> String {
    let text = code.span().source_text().unwrap_or_default();
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").replace("{ ", "{").replace(", }", "}").replace(" }", "}")
}

/// A type's name without its parameters.
fn short_type(ty: &syn::Type) -> String {
    match ty {
        syn::Type::Path(path) => last_segment(&path.path),
        syn::Type::Reference(reference) => short_type(&reference.elem),
        _ => "_".into(),
    }
}

fn last_segment(path: &syn::Path) -> String {
    last_ident(path).map(ToString::to_string).unwrap_or_default()
}

fn last_ident(path: &syn::Path) -> Option<&syn::Ident> {
    path.segments.last().map(|segment| &segment.ident)
}

/// An item with others in it.
struct Block {
    /// What its members' names begin with, and their full names.
    prefix: Names,
    keyword: Span,
    open: Span,
    close: Span,
    members: Vec<(Option<String>, Span)>,
}

impl Block {
    fn of(item: &syn::Item) -> Option<Block> {
        match item {
            syn::Item::Impl(item) => Some(Block::of_impl(item)),
            syn::Item::Trait(item) => Some(Block::of_trait(item)),
            _ => None,
        }
    }

    fn of_impl(item: &syn::ItemImpl) -> Block {
        let (short, full) = (short_type(&item.self_ty), text_of(&item.self_ty));
        let prefix = match &item.trait_ {
            Some((_, path, _)) => (
                format!("<{short} as {}>", last_segment(path)),
                format!("<{full} as {}>", text_of(path)),
            ),
            None => (short, full),
        };
        let named = |member: &syn::ImplItem| {
            let name = match member {
                syn::ImplItem::Fn(item) => Some(item.sig.ident.to_string()),
                syn::ImplItem::Const(item) => Some(item.ident.to_string()),
                syn::ImplItem::Type(item) => Some(item.ident.to_string()),
                syn::ImplItem::Macro(item) => macro_name(&item.mac),
                _ => None,
            };
            (name, member.span())
        };
        Block {
            prefix,
            keyword: item.impl_token.span(),
            open: item.brace_token.span.open(),
            close: item.brace_token.span.close(),
            members: item.items.iter().map(named).collect(),
        }
    }

    fn of_trait(item: &syn::ItemTrait) -> Block {
        let named = |member: &syn::TraitItem| {
            let name = match member {
                syn::TraitItem::Fn(item) => Some(item.sig.ident.to_string()),
                syn::TraitItem::Const(item) => Some(item.ident.to_string()),
                syn::TraitItem::Type(item) => Some(item.ident.to_string()),
                syn::TraitItem::Macro(item) => macro_name(&item.mac),
                _ => None,
            };
            (name, member.span())
        };
        let name = item.ident.to_string();
        Block {
            prefix: (name.clone(), name),
            keyword: item.trait_token.span(),
            open: item.brace_token.span.open(),
            close: item.brace_token.span.close(),
            members: item.items.iter().map(named).collect(),
        }
    }

    /// Its members, in order.
    fn cut(self, lines: &[String]) -> Result<Vec<Piece>, Fault> {
        let (short, full) = self.prefix;
        let mut end = self.open.end().line;
        let mut pieces = Vec::new();
        for (name, span) in self.members {
            let name = name.ok_or_else(|| nameless(span))?;
            let names = (format!("{short}::{name}"), format!("{full}::{name}"));
            let piece = cut(lines, end, span, names);
            end = piece.lines.end;
            pieces.push(piece);
        }
        if let Some(last) = pieces.last_mut() {
            take_in_comments(lines, last, self.close.start().line - 1);
        }
        Ok(pieces)
    }
}

fn macro_name(mac: &syn::Macro) -> Option<String> {
    last_ident(&mac.path).map(|name| format!("{name}!"))
}
