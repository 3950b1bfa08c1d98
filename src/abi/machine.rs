//! What machine a shared library is built for, as its first bytes say it.

use std::fmt;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

/// A processor and the kind of system whose libraries have that form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Machine {
    processor: Processor,
    form: Form,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Processor {
    /// By the name that Rust has for it.
    Named(&'static str),
    /// By the number that the form has for it.
    Number(u32),
}

/// The form of a library file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Elf,
    Pe,
    MachO,
}

impl fmt::Display for Machine {
    /// `aarch64 (ELF)`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.processor {
            Processor::Named(name) => f.write_str(name)?,
            Processor::Number(number) => write!(f, "machine {number:#x}")?,
        }
        f.write_str(match self.form {
            Form::Elf => " (ELF)",
            Form::Pe => " (PE, Windows)",
            Form::MachO => " (Mach-O, macOS)",
        })
    }
}

/// What this program is built for.
pub(super) fn here() -> Machine {
    let form = match () {
        () if cfg!(windows) => Form::Pe,
        () if cfg!(target_vendor = "apple") => Form::MachO,
        () => Form::Elf,
    };
    Machine {
        processor: Processor::Named(std::env::consts::ARCH),
        form,
    }
}

/// What a file is built for; nothing where it is no library of a known form, or one for several
/// machines.
pub(super) fn of_file(path: &Path) -> Option<Machine> {
    let mut file = File::open(path).ok()?;
    let mut first = [0; 64];
    file.read_exact(&mut first).ok()?;
    let machine = match first {
        [0x7f, b'E', b'L', b'F', ..] => elf(&first),
        [b'M', b'Z', ..] => {
            // The offset of the header of the new kind; the signature and the machine stand there.
            file.seek(SeekFrom::Start(little(&first[0x3c..0x40]).into()))
                .ok()?;
            let mut header = [0; 6];
            file.read_exact(&mut header).ok()?;
            header.starts_with(b"PE\0\0").then(|| pe(&header))?
        }
        [0xcf | 0xce, 0xfa, 0xed, 0xfe, ..] => mach_o(&first),
        _ => return None,
    };
    Some(machine)
}

/// `e_machine`, in the byte order of `e_ident[EI_DATA]`; some numbers stand for two widths.
fn elf(header: &[u8]) -> Machine {
    let is_wide = header[4] == 2;
    let number = match header[5] {
        2 => big(&header[18..20]),
        _ => little(&header[18..20]),
    };
    let name = match (number, is_wide) {
        (3, _) => "x86",
        (20, _) => "powerpc",
        (21, _) => "powerpc64",
        (22, true) => "s390x",
        (40, _) => "arm",
        (62, _) => "x86_64",
        (183, _) => "aarch64",
        (243, true) => "riscv64",
        (243, false) => "riscv32",
        (258, _) => "loongarch64",
        _ => return Machine::unknown(number, Form::Elf),
    };
    Machine::named(name, Form::Elf)
}

/// `Machine` of the file header.
fn pe(header: &[u8]) -> Machine {
    let name = match little(&header[4..6]) {
        0x14c => "x86",
        0x1c0 | 0x1c4 => "arm",
        0x8664 => "x86_64",
        0xaa64 => "aarch64",
        number => return Machine::unknown(number, Form::Pe),
    };
    Machine::named(name, Form::Pe)
}

/// `cputype`
fn mach_o(header: &[u8]) -> Machine {
    let name = match little(&header[4..8]) {
        0x7 => "x86",
        0xc => "arm",
        0x0100_0007 => "x86_64",
        0x0100_000c => "aarch64",
        number => return Machine::unknown(number, Form::MachO),
    };
    Machine::named(name, Form::MachO)
}

impl Machine {
    fn named(name: &'static str, form: Form) -> Self {
        let processor = Processor::Named(name);
        Self { processor, form }
    }

    fn unknown(number: u32, form: Form) -> Self {
        let processor = Processor::Number(number);
        Self { processor, form }
    }
}

/// A number of at most four bytes, the lowest first.
fn little(bytes: &[u8]) -> u32 {
    let add = |number, byte: &u8| number << 8 | u32::from(*byte);
    bytes.iter().rev().fold(0, add)
}

/// A number of at most four bytes, the highest first.
fn big(bytes: &[u8]) -> u32 {
    let add = |number, byte: &u8| number << 8 | u32::from(*byte);
    bytes.iter().fold(0, add)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a file with such a beginning, filled up with zeros, is built for.
    fn machine(beginning: &[u8]) -> std::io::Result<Option<String>> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("library");
        let mut bytes = beginning.to_vec();
        bytes.resize(beginning.len().max(64), 0);
        std::fs::write(&path, bytes)?;
        Ok(of_file(&path).map(|machine| machine.to_string()))
    }

    fn elf_header(class: u8, order: u8, machine: [u8; 2]) -> Vec<u8> {
        let mut header = vec![0x7f, b'E', b'L', b'F', class, order, 1];
        header.resize(18, 0);
        header.extend(machine);
        header
    }

    fn pe_header(machine: u16) -> Vec<u8> {
        let mut header = b"MZ".to_vec();
        header.resize(0x3c, 0);
        header.extend(0x80u32.to_le_bytes());
        header.resize(0x80, 0);
        header.extend(b"PE\0\0");
        header.extend(machine.to_le_bytes());
        header
    }

    #[test]
    fn each_form_says_its_machine() -> std::io::Result<()> {
        for (header, said) in [
            (elf_header(2, 1, [62, 0]), "x86_64 (ELF)"),
            (elf_header(2, 1, [183, 0]), "aarch64 (ELF)"),
            (elf_header(2, 2, [0, 22]), "s390x (ELF)"),
            (elf_header(1, 1, [3, 0]), "x86 (ELF)"),
            (elf_header(2, 1, [0x34, 0x12]), "machine 0x1234 (ELF)"),
            (pe_header(0x8664), "x86_64 (PE, Windows)"),
            (pe_header(0xaa64), "aarch64 (PE, Windows)"),
            (
                vec![0xcf, 0xfa, 0xed, 0xfe, 0xc, 0, 0, 1],
                "aarch64 (Mach-O, macOS)",
            ),
        ] {
            assert_eq!(machine(&header)?.as_deref(), Some(said));
        }
        Ok(())
    }

    #[test]
    fn what_is_no_library_is_for_no_machine() -> std::io::Result<()> {
        assert_eq!(machine(b"not a library")?, None);
        // A header that points behind the end of the file.
        let mut cut = pe_header(0x8664);
        cut.truncate(0x80);
        assert_eq!(machine(&cut)?, None);
        assert_eq!(of_file(Path::new("/nowhere/at/all")), None);
        Ok(())
    }

    #[test]
    fn this_program_is_for_this_machine() -> std::io::Result<()> {
        let own = of_file(&std::env::current_exe()?);
        assert_eq!(own, Some(here()));
        Ok(())
    }
}
