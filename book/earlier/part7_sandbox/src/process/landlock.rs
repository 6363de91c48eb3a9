/// Has the kernel hold this thread to what it needs, and to run no program that has
/// more rights: what this kernel can't do of that, in a line.
pub(super) fn restrict(needs: &Needs) -> Result<Option<String>, RulesetError> {
    let read = AccessFs::ReadFile | AccessFs::ReadDir;
    let status = Ruleset::default()
        .handle_access(AccessFs::from_all(VERSION))?
        .handle_access(AccessNet::from_all(VERSION))?
        .scope(Scope::from_all(VERSION))?
        .create()?
        .add_rules(path_beneath_rules(&needs.trees, read))?
        .add_rules(path_beneath_rules(&needs.read, AccessFs::ReadFile))?
        .add_rules(path_beneath_rules(&needs.written, AccessFs::WriteFile))?
        .restrict_self()?;
    Ok(lack(status.ruleset, status.landlock))
}
