//! Landlock: Linux holds a process to what it said that it needs (landlock(7)). It takes
//! no rights of root's, and can't be taken back.

use std::fs;
use std::path::{Path, PathBuf};

use landlock::{
    ABI, Access, AccessFs, AccessNet, LandlockStatus, Ruleset, RulesetAttr,
    RulesetCreatedAttr, RulesetError, RulesetStatus, Scope, path_beneath_rules,
};

use super::sandbox::Needs;

/// The version that has all that is asked for here, Linux 6.12's.
const VERSION: ABI = ABI::V6;

/// Has the kernel hold this thread to what it needs, and to run no program that has
/// more rights: what this kernel can't do of that, in a line.
pub(super) fn restrict(needs: &Needs) -> Result<Option<String>, RulesetError> {
    let read = AccessFs::ReadFile | AccessFs::ReadDir;
    let written = AccessFs::WriteFile | AccessFs::MakeReg;
    let places = |files: &[PathBuf]| files.iter().map(|it| place(it)).collect();
    let (files, logs): (Vec<_>, Vec<_>) =
        (places(&needs.read), places(&needs.written));
    let trees = needs.trees.iter().map(|it| tree(it));
    let folders = needs.removed.iter().filter_map(|it| it.parent());
    // How the process is, and how many processors it is given.
    let known = ["/proc/self", "/sys/fs/cgroup"];
    let status = Ruleset::default()
        .handle_access(AccessFs::from_all(VERSION))?
        .handle_access(AccessNet::from_all(VERSION))?
        .scope(Scope::from_all(VERSION))?
        .create()?
        .add_rules(path_beneath_rules(trees, read))?
        .add_rules(path_beneath_rules(files, AccessFs::ReadFile))?
        .add_rules(path_beneath_rules(logs, written))?
        .add_rules(path_beneath_rules(folders, AccessFs::RemoveFile))?
        .add_rules(path_beneath_rules(known, read))?
        .add_rules(path_beneath_rules(["/dev/tty"], AccessFs::ReadFile))?
        .add_rules(path_beneath_rules(
            ["/dev/null"],
            AccessFs::ReadFile | AccessFs::WriteFile,
        ))?
        .restrict_self()?;
    Ok(lack(status.ruleset, status.landlock))
}

/// What there is to say of an old kernel.
fn lack(ruleset: RulesetStatus, landlock: LandlockStatus) -> Option<String> {
    match (ruleset, landlock) {
        (RulesetStatus::FullyEnforced, _) => None,
        (_, LandlockStatus::Available { effective_abi: abi, .. }) => Some(format!(
            "the sandbox has holes: this kernel has version {} of Landlock, and not {}",
            abi as i32, VERSION as i32
        )),
        _ => Some("there is no sandbox: this kernel has no Landlock".to_owned()),
    }
}

/// What may be read for a folder's sake. If its path goes by a symbolic link, the link
/// may lead to another folder tomorrow, beside today's: then it is the folder of both.
fn tree(path: &Path) -> PathBuf {
    let link = path.ancestors().find(|it| it.is_symlink());
    let target = link.and_then(|it| fs::canonicalize(it).ok());
    target.and_then(|it| parent(&it)).unwrap_or_else(|| path.to_owned())
}

/// What may be had for a file's sake: the folder that it is in, since it may be replaced
/// tomorrow by another of its name. What is no file, a FIFO or a device, is had itself.
fn place(path: &Path) -> PathBuf {
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    match path.exists() && !path.is_file() {
        true => path,
        false => parent(&path).unwrap_or(path),
    }
}

/// The folder that something is in, unless that is everything.
fn parent(path: &Path) -> Option<PathBuf> {
    path.parent().filter(|it| it.parent().is_some()).map(Path::to_owned)
}
