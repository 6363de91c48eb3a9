//! A state machine, drawn from the enum that it is.
//!
//! A method that takes `self` leads from the variants that its patterns name to those
//! that it makes: what an arm of `match self` or a `let … = self else` begins with, and
//! what is built behind it, directly, by a method that it hands `self` to, or by a
//! function of the enum's that has no `self`.

mod drawing;

use std::collections::BTreeMap;

use syn::visit::{self, Visit};
use syn::{
    Block, Expr, ExprMatch, File, FnArg, ImplItem, ImplItemFn, Item, ItemEnum,
    Local, Pat, Path, Stmt, Type,
};

/// States and what leads from one to another, in the order of the source.
#[derive(Debug, PartialEq, Eq)]
pub struct Machine {
    /// The variants.
    pub states: Vec<String>,
    /// From, to, and by which methods.
    pub arrows: BTreeMap<(usize, usize), Vec<String>>,
}

impl Machine {
    /// Reads the machine that an enum of a file is.
    ///
    /// # Errors
    /// If there is no such enum, or none of its methods is an arrow.
    pub fn read(text: &str, name: &str) -> Result<Machine, String> {
        let file = syn::parse_file(text).map_err(|error| error.to_string())?;
        let variants = find_enum(&file, name)?.variants.iter();
        let states: Vec<String> = variants.map(|it| it.ident.to_string()).collect();
        let functions = functions_of(&file, name);
        let reader = Reader { name, states: &states, functions: &functions };
        let mut arrows: BTreeMap<(usize, usize), Vec<String>> = BTreeMap::new();
        for function in functions.iter().filter(|it| takes_self(it)) {
            let method = function.sig.ident.to_string();
            for arrow in reader.arrows_of(function) {
                let methods = arrows.entry(arrow).or_default();
                if !methods.contains(&method) {
                    methods.push(method.clone());
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
}

fn find_enum<'a>(file: &'a File, name: &str) -> Result<&'a ItemEnum, String> {
    let enums = file.items.iter().filter_map(|item| match item {
        Item::Enum(item) => Some(item),
        _ => None,
    });
    enums.clone().find(|item| item.ident == name).ok_or_else(|| {
        let names: Vec<String> = enums.map(|it| it.ident.to_string()).collect();
        let near = crate::nearest(name, names.iter().map(String::as_str));
        format!("there is no enum {name}{near}")
    })
}

/// What stands in the `impl` blocks of a type, those of traits aside.
fn functions_of<'a>(file: &'a File, name: &str) -> Vec<&'a ImplItemFn> {
    let is_name =
        |ty: &Type| matches!(ty, Type::Path(path) if path.path.is_ident(name));
    let mut functions = Vec::new();
    for item in &file.items {
        if let Item::Impl(block) = item
            && block.trait_.is_none()
            && is_name(&block.self_ty)
        {
            functions.extend(block.items.iter().filter_map(|item| match item {
                ImplItem::Fn(function) => Some(function),
                _ => None,
            }));
        }
    }
    functions
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
        let statements = function.block.stmts.iter();
        let arrows = statements.map(|statement| match statement {
            Stmt::Local(local) => self.arrows_of_let(local, &function.block),
            Stmt::Expr(Expr::Match(found), _) => self.arrows_of_match(found),
            _ => Vec::new(),
        });
        arrows.flatten().collect()
    }

    /// From what a `let … = self else` begins with to all that the rest makes.
    fn arrows_of_let(&self, local: &Local, block: &Block) -> Vec<(usize, usize)> {
        if !local.init.as_ref().is_some_and(|init| is_self(&init.expr)) {
            return Vec::new();
        }
        let made = self.made(|made| made.visit_block(block), None);
        let from = self.pattern(&local.pat).into_iter();
        from.flat_map(|from| made.iter().map(move |to| (from, *to))).collect()
    }

    /// From what each arm of a `match self` begins with to what it makes.
    fn arrows_of_match(&self, found: &ExprMatch) -> Vec<(usize, usize)> {
        let mut arrows = Vec::new();
        for arm in found.arms.iter().filter(|_| is_self(&found.expr)) {
            for from in self.pattern(&arm.pat) {
                let made = self.made(|made| made.visit_expr(&arm.body), Some(from));
                arrows.extend(made.iter().map(|to| (from, *to)));
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
