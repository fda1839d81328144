//! Making workspaces of a given size.

use std::io::Write as _;
use std::path::Path;

/// Files per directory.
const PER_DIRECTORY: usize = 50;

/// How much lies in a workspace beside what a session works on.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(crate) struct Bulk {
    /// Files in `node_modules`, which states leave out.
    #[arg(long, default_value_t = 0)]
    node_modules: usize,
    /// MiB in files of 100 MiB, whose content states leave out.
    #[arg(long, default_value_t = 0)]
    large_mib: usize,
    /// Files of source that are recorded.
    #[arg(long, default_value_t = 0)]
    sources: usize,
}

impl Bulk {
    /// Makes it in a workspace, and waits until the kernel has written it, so that this is not measured.
    ///
    /// # Errors
    /// When files cannot be made.
    pub(crate) fn fill(&self, root: &Path) -> std::io::Result<()> {
        const LARGE_MIB: usize = 100;
        sources(&root.join("node_modules"), self.node_modules)?;
        sources(&root.join("sources"), self.sources)?;
        for number in 0..self.large_mib.div_ceil(LARGE_MIB) {
            let directory = root.join("large");
            std::fs::create_dir_all(&directory)?;
            let mut file = std::fs::File::create(directory.join(format!("{number}.bin")))?;
            let piece = vec![u8::try_from(number % 256).unwrap_or_default(); 1 << 20];
            for _ in 0..LARGE_MIB.min(self.large_mib - number * LARGE_MIB) {
                file.write_all(&piece)?;
            }
        }
        if self.node_modules + self.large_mib + self.sources > 0 {
            std::process::Command::new("sync").arg("--file-system").arg(root).status()?;
        }
        Ok(())
    }

    /// In words.
    pub(crate) fn spoken(&self) -> String {
        let Self { node_modules, large_mib, sources } = self;
        format!(
            "{node_modules} files in node_modules, {large_mib} MiB in large files, {sources} more sources"
        )
    }
}

/// Makes so many small files of source, 50 in a directory.
///
/// # Errors
/// When files cannot be made.
pub(crate) fn sources(directory: &Path, files: usize) -> std::io::Result<()> {
    for number in 0..files {
        let below = directory.join((number / PER_DIRECTORY).to_string());
        if number % PER_DIRECTORY == 0 {
            std::fs::create_dir_all(&below)?;
        }
        let text = format!("// file {number}\npub fn number() -> usize {{\n    {number}\n}}\n").repeat(10);
        std::fs::write(below.join(format!("{}.rs", number % PER_DIRECTORY)), text)?;
    }
    Ok(())
}
