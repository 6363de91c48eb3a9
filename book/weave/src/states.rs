//! A state machine, drawn from the enum that it is.
//!
//! A method that takes `self` leads from the variants that its patterns name to those
//! that it makes: what an arm of `match self` or a `let … = self else` begins with, and
//! what is built behind it, directly, by a method that it hands `self` to, or by a
//! function of the enum's that has no `self`.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt::Write;

use syn::visit::{self, Visit};
use syn::{Expr, FnArg, ImplItem, ImplItemFn, Item, ItemEnum, Pat, Path, Stmt};

const WIDTH: i32 = 660;
/// The width and height of a state.
const BOX: (i32, i32) = (92, 40);
/// How much higher an arrow rises for each state that it passes.
const RISE: i32 = 34;

/// States and what leads from one to another, in the order of the source.
#[derive(Debug, PartialEq, Eq)]
pub struct Machine {
    /// The variants.
    pub states: Vec<String>,
    /// From, to, and by which methods.
    pub arrows: BTreeMap<(usize, usize), Vec<String>>,
}

impl Machine {
    /// Reads the machine that an enum of a file is; what is the matter if it is none.
    pub fn read(text: &str, name: &str) -> Result<Machine, String> {
        let file = syn::parse_file(text).map_err(|error| error.to_string())?;
        let is_ours = |item: &&ItemEnum| item.ident == name;
        let enums = file.items.iter().filter_map(|item| match item {
            Item::Enum(item) => Some(item),
            _ => None,
        });
        let Some(item) = enums.clone().find(is_ours) else {
            let names: Vec<String> =
                enums.map(|item| item.ident.to_string()).collect();
            let near = crate::nearest(name, names.iter().map(String::as_str));
            return Err(format!("there is no enum {name}{near}"));
        };
        let states: Vec<String> =
            item.variants.iter().map(|it| it.ident.to_string()).collect();
        let impls = file.items.iter().filter_map(|item| match item {
            Item::Impl(item) if item.trait_.is_none() => Some(item),
            _ => None,
        });
        let ours = impls.filter(
            |item| matches!(&*item.self_ty, syn::Type::Path(path) if path.path.is_ident(name)),
        );
        let functions: Vec<&ImplItemFn> = ours
            .flat_map(|item| &item.items)
            .filter_map(|item| match item {
                ImplItem::Fn(function) => Some(function),
                _ => None,
            })
            .collect();
        let reader = Reader { name, states: &states, functions: &functions };
        let mut arrows: BTreeMap<(usize, usize), Vec<String>> = BTreeMap::new();
        for function in functions.iter().filter(|it| takes_self(it)) {
            for (from, to) in reader.arrows_of(function) {
                let method = function.sig.ident.to_string();
                let methods = arrows.entry((from, to)).or_default();
                if !methods.contains(&method) {
                    methods.push(method);
                }
            }
        }
        match arrows.is_empty() {
            true => {
                Err(format!("no method of {name} leads from one state to another"))
            }
            false => Ok(Machine { states, arrows }),
        }
    }

    /// The drawing: states in a row, the way on above them and the way back below.
    pub fn draw(&self, name: &str, id: &str) -> String {
        let last = self.states.len() as i32 - 1;
        let gap = (WIDTH - BOX.0 - 8) / last.max(1);
        let x = |state: usize| 4 + BOX.0 / 2 + state as i32 * gap;
        let span = |back: bool| {
            let spans = self.arrows.keys().filter(|(from, to)| (from > to) == back);
            spans.map(|(from, to)| from.abs_diff(*to) as i32).max().unwrap_or(0)
        };
        // A loop stands as high as an arrow to the next state.
        let top = 18 + span(false).max(1) * RISE;
        let bottom = top + BOX.1;
        let height = bottom + span(true) * RISE + 18;
        let (mut lines, mut said) = (String::new(), Vec::new());
        let mut labels = String::new();
        let mut label = |x: i32, y: i32, text: &str| {
            let _ = write!(
                labels,
                "<text x=\"{x}\" y=\"{y}\" font-size=\"11\" text-anchor=\"middle\">{text}</text>"
            );
        };
        let all: Vec<&String> = self.arrows.values().flatten().collect();
        let one = all.iter().all(|method| *method == all[0]);
        for ((from, to), methods) in &self.arrows {
            let methods = methods.join(", ");
            said.push(format!(
                "{} to {} by {methods}",
                self.states[*from], self.states[*to]
            ));
            let text = if one { "" } else { &methods };
            let d = from.abs_diff(*to) as i32;
            // Arrows that leave and arrive have places of their own.
            let (start, end) = match from.cmp(to) {
                Ordering::Equal => (x(*from) - 26, x(*from) - 8),
                Ordering::Less => (x(*from) + 14 + 6 * d, x(*to) - 14 - 6 * d),
                Ordering::Greater => (x(*from) - 6 * d, x(*to) + 6 * d),
            };
            let (edge, peak, head) = match from > to {
                false => (top, top - d.max(1) * RISE * 4 / 3, top - 8),
                true => (bottom, bottom + d * RISE * 4 / 3, bottom + 8),
            };
            let _ = writeln!(
                lines,
                "<path d=\"M{start} {edge} C{start} {peak} {end} {peak} {end} {edge} \
                 M{} {head} L{end} {edge} L{} {head}\"/>",
                end - 4,
                end + 4,
            );
            // What leads nowhere else is named within its state.
            let (middle, y) = match from.cmp(to) {
                Ordering::Equal => (x(*from), top + 33),
                Ordering::Less => (start.midpoint(end), top - d * RISE - 4),
                Ordering::Greater => (start.midpoint(end), bottom + d * RISE + 12),
            };
            label(middle, y, text);
        }
        let mut boxes = String::new();
        for (index, state) in self.states.iter().enumerate() {
            let _ = writeln!(
                boxes,
                "<rect x=\"{}\" y=\"{top}\" width=\"{}\" height=\"{}\" rx=\"4\"/>\
                 <text x=\"{}\" y=\"{}\" text-anchor=\"middle\" stroke=\"none\" \
                 fill=\"currentColor\">{state}</text>",
                x(index) - BOX.0 / 2,
                BOX.0,
                BOX.1,
                x(index),
                top + if one { 25 } else { 18 },
            );
        }
        let caption = match one {
            true => format!("{name}: each arrow is {}", all[0]),
            false => name.to_owned(),
        };
        format!(
            "<figure class=\"drawing\">\n<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" \
             aria-labelledby=\"{id}-title {id}-text\" fill=\"none\" \
             stroke=\"currentColor\" stroke-width=\"1.25\" font-family=\"sans-serif\" \
             font-size=\"13\">\n<title id=\"{id}-title\">The states of {name}</title>\n\
             <desc id=\"{id}-text\">From {}.</desc>\n{lines}{boxes}\
             <g stroke=\"none\" fill=\"currentColor\">{labels}</g>\n</svg>\n\
             <figcaption>{caption} <span>drawn from the code</span></figcaption>\n</figure>\n",
            said.join("; from "),
        )
    }
}

fn takes_self(function: &ImplItemFn) -> bool {
    let first = function.sig.inputs.first();
    matches!(first, Some(FnArg::Receiver(receiver)) if receiver.reference.is_none())
}

/// What an enum's functions are read with.
struct Reader<'a> {
    name: &'a str,
    states: &'a [String],
    functions: &'a [&'a ImplItemFn],
}

impl Reader<'_> {
    fn function(&self, name: &str) -> Option<&ImplItemFn> {
        self.functions.iter().find(|it| it.sig.ident == name).copied()
    }

    /// The state that a path such as `Sending::Idle` names.
    fn state(&self, path: &Path) -> Option<usize> {
        let names: Vec<String> =
            path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        match &names[..] {
            [name, state] if name == self.name => {
                self.states.iter().position(|other| other == state)
            }
            _ => None,
        }
    }

    /// The states that a pattern names.
    fn pattern(&self, pattern: &Pat) -> Vec<usize> {
        let path = match pattern {
            Pat::Or(or) => {
                return or.cases.iter().flat_map(|it| self.pattern(it)).collect();
            }
            Pat::Path(path) => &path.path,
            Pat::TupleStruct(pattern) => &pattern.path,
            Pat::Struct(pattern) => &pattern.path,
            _ => return Vec::new(),
        };
        self.state(path).into_iter().collect()
    }

    /// From where to where a method leads.
    fn arrows_of(&self, function: &ImplItemFn) -> Vec<(usize, usize)> {
        let mut arrows = Vec::new();
        for statement in &function.block.stmts {
            if let Stmt::Local(local) = statement
                && let Some(init) = &local.init
                && is_self(&init.expr)
            {
                let made =
                    self.made(|made| made.visit_block(&function.block), None);
                for from in self.pattern(&local.pat) {
                    arrows.extend(made.iter().map(|to| (from, *to)));
                }
            }
            if let Stmt::Expr(Expr::Match(found), _) = statement
                && is_self(&found.expr)
            {
                for arm in &found.arms {
                    for from in self.pattern(&arm.pat) {
                        let made = self
                            .made(|made| made.visit_expr(&arm.body), Some(from));
                        arrows.extend(made.iter().map(|to| (from, *to)));
                    }
                }
            }
        }
        arrows
    }

    /// The states that are made within some code, by somebody who is in a state, if
    /// that is known.
    fn made(
        &self,
        visit: impl FnOnce(&mut Made),
        from: Option<usize>,
    ) -> Vec<usize> {
        let mut made = Made { reader: self, from, states: Vec::new() };
        visit(&mut made);
        made.states
    }
}

fn is_self(expr: &Expr) -> bool {
    matches!(expr, Expr::Path(path) if path.path.is_ident("self"))
}

/// Finds the states that code makes.
struct Made<'a> {
    reader: &'a Reader<'a>,
    from: Option<usize>,
    states: Vec<usize>,
}

impl Made<'_> {
    fn path(&mut self, path: &Path) {
        self.states.extend(self.reader.state(path));
        let names: Vec<_> =
            path.segments.iter().map(|segment| &segment.ident).collect();
        if let [name, function] = &names[..]
            && *name == self.reader.name
            && let Some(function) = self.reader.function(&function.to_string())
            && !takes_self(function)
        {
            self.visit_block(&function.block);
        }
    }
}

impl<'ast> Visit<'ast> for Made<'_> {
    fn visit_expr_path(&mut self, expr: &'ast syn::ExprPath) {
        self.path(&expr.path);
    }

    fn visit_expr_struct(&mut self, expr: &'ast syn::ExprStruct) {
        self.path(&expr.path);
        visit::visit_expr_struct(self, expr);
    }

    // What a pattern names is looked at, not made.
    fn visit_pat(&mut self, _: &'ast Pat) {}

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        if is_self(&call.receiver)
            && let Some(method) = self.reader.function(&call.method.to_string())
        {
            let arrows = self.reader.arrows_of(method);
            let ours = arrows.iter().filter(|(from, _)| Some(*from) == self.from);
            self.states.extend(ours.map(|(_, to)| *to));
        }
        visit::visit_expr_method_call(self, call);
    }
}
