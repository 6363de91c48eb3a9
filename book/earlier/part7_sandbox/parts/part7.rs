fn run(options: Options) -> Result<(), Box<dyn std::error::Error>> {
    use std::fs::{self, File};
    use std::io;
    use std::net::{TcpListener, TcpStream};
    use std::process::Command;

    fn tell<T>(what: &str, outcome: io::Result<T>) {
        match outcome {
            Ok(_) => println!("{what}: yes"),
            Err(error) => println!("{what}: {error}"),
        }
    }

    let Options { root, log, privileges } = options;
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let mut needs = rohttp::process::sandbox::Needs::default();
    needs.tree(&root);
    needs.log(&log);
    let sandbox = privileges.privileges()?.give_up(&needs)?;
    if let Some(lack) = sandbox.as_ref().and_then(|it| it.lacks.as_ref()) {
        println!("{lack}");
    }
    io::stdin().read_line(&mut String::new())?;
    tell("read a page", fs::read(root.join("page")));
    tell("write a page", fs::write(root.join("page"), "pwned"));
    tell("read /etc/passwd", fs::read("/etc/passwd"));
    tell("read /etc/shadow", fs::read("/etc/shadow"));
    tell("append to the log", File::options().append(true).open(&log));
    tell("empty the log", File::create(&log));
    tell("run a program", Command::new("/bin/true").status());
    tell("call somebody", TcpStream::connect(listener.local_addr()?));
    Ok(())
}
