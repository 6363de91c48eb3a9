use landlock::{
    ABI, Access, AccessFs, AccessNet, Ruleset, RulesetAttr, RulesetCreatedAttr,
    RulesetError, Scope, path_beneath_rules,
};

/// Has the kernel hold this thread to what it needs, and to run no program that has
/// more rights.
pub(super) fn restrict(needs: &Needs) -> Result<(), RulesetError> {
    let read = AccessFs::ReadFile | AccessFs::ReadDir;
    Ruleset::default()
        .handle_access(AccessFs::from_all(VERSION))?
        .handle_access(AccessNet::from_all(VERSION))?
        .scope(Scope::from_all(VERSION))?
        .create()?
        .add_rules(path_beneath_rules(&needs.trees, read))?
        .add_rules(path_beneath_rules(&needs.read, AccessFs::ReadFile))?
        .add_rules(path_beneath_rules(&needs.written, AccessFs::WriteFile))?
        .restrict_self()?;
    Ok(())
}
