//! What a shape worker may use of the machine; it limits itself before it reads anything.

use std::io;

use rlimit::Resource;

/// Bytes of address space, the program itself and its stacks included.
pub(super) const MEMORY: u64 = 512 * 1024 * 1024;
/// Seconds of processor time in the worker's whole life. The hub replaces a worker long before; this ends one that a hub
/// which died left behind.
const PROCESSOR_SECONDS: u64 = 120;
const OPEN_FILES: u64 = 16;

/// Lowers this process's limits for good.
///
/// # Errors
/// On Linux, a limit cannot be set. Elsewhere (macOS does not enforce every one of them) what can be set is set.
pub(super) fn confine() -> io::Result<()> {
    let limits = [
        (Resource::AS, MEMORY),
        (Resource::DATA, MEMORY),
        (Resource::CPU, PROCESSOR_SECONDS),
        // A core file would hold a payload.
        (Resource::CORE, 0),
        (Resource::FSIZE, 0),
        (Resource::NOFILE, OPEN_FILES),
    ];
    for (resource, most) in limits {
        let lowered = resource.get().and_then(|(_, hard)| resource.set(most.min(hard), most.min(hard)));
        if cfg!(target_os = "linux") {
            lowered?;
        }
    }
    Ok(())
}
