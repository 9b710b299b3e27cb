//! Parses the command, loads the configuration, calls one function.

/// Most of a mail's way is many small texts on several threads, which this allocator serves faster than the system's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    gaung::cli::main()
}
