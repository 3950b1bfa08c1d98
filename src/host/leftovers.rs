//! Scratch folders of processes that were killed before they could remove them.

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use super::folder::discard;

/// How long a folder must have been left alone. A process that shares the folder of temporary files
/// and nothing else, as in another container, cannot be seen from here; it touches its folder more
/// often than that.
const LEFT_ALONE: Duration = Duration::from_secs(60 * 60);

/// Removes the scratch folders whose processes are gone. What is not surely one of them stays: of
/// another form, of another user, no folder, lately touched, of a process that may live.
pub fn sweep() {
    sweep_in(&std::env::temp_dir(), SystemTime::now());
}

fn sweep_in(temporary: &Path, now: SystemTime) {
    let Ok(entries) = fs::read_dir(temporary) else {
        return;
    };
    for entry in entries.flatten() {
        let process = entry.file_name().to_str().and_then(process_of);
        if process.is_some_and(|process| !may_live(process)) && is_left(&entry.path(), now) {
            discard(&entry.path());
        }
    }
}

/// The number of the process in the name of a scratch folder: `jetspec-<process>-<count>`.
fn process_of(name: &str) -> Option<u32> {
    let (process, count) = name.strip_prefix("jetspec-")?.split_once('-')?;
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    (digits(process) && digits(count)).then(|| process.parse().ok())?
}

/// Whether it is a folder of this user that nobody has touched for long.
fn is_left(path: &Path, now: SystemTime) -> bool {
    let Ok(data) = fs::symlink_metadata(path) else {
        return false;
    };
    let touched = data.modified().ok();
    let alone = touched.and_then(|touched| now.duration_since(touched).ok());
    data.is_dir() && is_ours(&data) && alone.is_some_and(|alone| alone >= LEFT_ALONE)
}

#[cfg(unix)]
fn is_ours(data: &fs::Metadata) -> bool {
    std::os::unix::fs::MetadataExt::uid(data) == rustix::process::geteuid().as_raw()
}

/// Each user has temporary files of its own there.
#[cfg(not(unix))]
fn is_ours(_data: &fs::Metadata) -> bool {
    true
}

/// Whether there may be a process of that number.
#[cfg(unix)]
fn may_live(process: u32) -> bool {
    let number = i32::try_from(process)
        .ok()
        .and_then(rustix::process::Pid::from_raw);
    number.is_some_and(|number| {
        rustix::process::test_kill_process(number) != Err(rustix::io::Errno::SRCH)
    })
}

/// Whether there may be a process of that number.
#[cfg(windows)]
fn may_live(process: u32) -> bool {
    use windows_sys::Win32::Foundation::{CloseHandle, ERROR_INVALID_PARAMETER};
    use windows_sys::Win32::System::Threading::{OpenProcess, PROCESS_QUERY_LIMITED_INFORMATION};

    // SAFETY: the call takes any number; the handle is closed once.
    unsafe {
        let handle = OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, 0, process);
        if handle.is_null() {
            let error = std::io::Error::last_os_error().raw_os_error();
            return error != Some(ERROR_INVALID_PARAMETER.cast_signed());
        }
        CloseHandle(handle);
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The number of a process that has ended and was waited for.
    fn ended() -> u32 {
        let program = std::env::current_exe().expect("this program");
        let child = std::process::Command::new(program)
            .arg("--list")
            .stdout(std::process::Stdio::null())
            .spawn();
        let mut child = child.expect("started");
        child.wait().expect("ended");
        child.id()
    }

    #[test]
    fn only_folders_of_the_form_with_a_number_are_ours() {
        assert_eq!(process_of("jetspec-12-0"), Some(12));
        for other in [
            "jetspec-12",
            "jetspec-12-",
            "jetspec--1",
            "jetspec-a-1",
            "jetspec-1-a",
            "jetspec-1-2-3",
            "jetspec-+1-2",
            "xjetspec-1-2",
        ] {
            assert_eq!(process_of(other), None, "{other}");
        }
    }

    #[test]
    fn folders_of_ended_processes_go_and_all_others_stay() -> std::io::Result<()> {
        let temporary = tempfile::tempdir()?;
        let at = |name: &str| temporary.path().join(name);
        let (gone, here) = (ended(), std::process::id());
        let left = format!("jetspec-{gone}-0");
        let stay = [
            format!("jetspec-{here}-0"),
            format!("jetspec-{gone}"),
            format!("other-{gone}-0"),
        ];
        let file = format!("jetspec-{gone}-1");
        fs::create_dir(at(&left))?;
        fs::write(at(&left).join("jetspec.edb"), "left")?;
        for name in &stay {
            fs::create_dir(at(name))?;
        }
        fs::write(at(&file), "no folder")?;
        let now = SystemTime::now();
        sweep_in(temporary.path(), now);
        assert!(at(&left).exists(), "touched too lately");
        sweep_in(temporary.path(), now + LEFT_ALONE * 2);
        assert!(!at(&left).exists());
        for name in stay.iter().chain([&file]) {
            assert!(at(name).exists(), "{name}");
        }
        Ok(())
    }
}
