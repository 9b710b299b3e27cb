//! Parses the command, loads the configuration, calls one function.

fn main() -> std::process::ExitCode {
    gaung::cli::main()
}
