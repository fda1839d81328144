//! How much of outputs and files the model is given at a time, and how much is kept on disk: the settings of the
//! sandbox decide.

/// Characters of a command's output when nobody has set them.
const OUTPUT_CHARS: usize = 29_000;
/// Bytes of whole outputs on disk, likewise.
const OUTPUT_BYTES: u64 = 256 << 20;
/// Characters of a file, likewise.
const FILE_CHARS: usize = 100_000;

/// All of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Bounds {
    /// Of commands' outputs.
    pub output: OutputBounds,
    /// Of open files.
    pub view: ViewBounds,
}

/// Bounds of commands' outputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutputBounds {
    /// Characters that the model is shown of one, beginning and end together.
    pub chars: usize,
    /// Bytes that whole outputs of ended commands may take up on disk.
    pub disk_bytes: u64,
}

impl Default for OutputBounds {
    fn default() -> Self {
        Self { chars: OUTPUT_CHARS, disk_bytes: OUTPUT_BYTES }
    }
}

impl OutputBounds {
    /// Bytes that are kept in memory of an output's beginning, and as many of its end: a little more than is
    /// shown, as marks of colour and progress take room and are not shown.
    pub(crate) fn memory_bytes(self) -> usize {
        self.chars + self.chars / 8
    }

    /// Most bytes of one output that are written to its file.
    pub(crate) fn file_bytes(self) -> u64 {
        self.disk_bytes / 4
    }

    /// Most characters of any tool's text: the output and what is said of it.
    pub(crate) fn text_chars(self) -> usize {
        self.chars.max(OUTPUT_CHARS) + 1_000
    }
}

/// Bounds of what is shown of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ViewBounds {
    /// Characters of one view; a larger file is shown in windows.
    pub chars: usize,
}

impl Default for ViewBounds {
    fn default() -> Self {
        Self { chars: FILE_CHARS }
    }
}

impl ViewBounds {
    /// A file with more lines is shown in windows.
    pub(crate) fn lines(self) -> usize {
        self.chars / 50
    }

    /// What is shown of a large file when nothing particular was asked for, in lines.
    pub(crate) fn head_lines(self) -> u32 {
        u32::try_from(self.lines() / 5).unwrap_or(u32::MAX)
    }
}
