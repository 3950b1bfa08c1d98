//! Plain tables: columns as wide as their widest cell.

use std::io::{self, Write};

/// A table that is written line by line.
#[derive(Debug, Clone, Default)]
pub struct Table {
    rows: Vec<Vec<String>>,
    right: Vec<bool>,
}

impl Table {
    /// A table with these headings; a heading that begins with `>` is of a column of numbers, which
    /// stand to the right.
    pub fn new(headings: &[&str]) -> Self {
        let names = headings
            .iter()
            .map(|heading| heading.trim_start_matches('>').to_owned());
        Self {
            rows: vec![names.collect()],
            right: headings
                .iter()
                .map(|heading| heading.starts_with('>'))
                .collect(),
        }
    }

    /// Adds a row.
    pub fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    /// Whether it has no row beside its headings.
    pub fn is_empty(&self) -> bool {
        self.rows.len() < 2
    }

    /// Writes it, each line indented by two blanks.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let widths: Vec<usize> = (0..self.right.len())
            .map(|column| {
                let cells = self.rows.iter().filter_map(|row| row.get(column));
                cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
            })
            .collect();
        for row in &self.rows {
            let cells: Vec<String> = row
                .iter()
                .zip(widths.iter().zip(&self.right))
                .map(|(cell, (&width, right))| match right {
                    true => format!("{cell:>width$}"),
                    false => format!("{cell:<width$}"),
                })
                .collect();
            writeln!(out, "  {}", cells.join("  ").trim_end())?;
        }
        Ok(())
    }
}

/// A number of things: `1 case`, `2 cases`.
pub fn counted(count: usize, thing: &str) -> String {
    match count {
        1 => format!("1 {thing}"),
        count => format!("{count} {thing}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::Table;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let mut table = Table::new(&["area", ">pass"]);
        table.row(vec!["callback".into(), "7".into()]);
        table.row(vec!["ls".into(), "12345".into()]);
        let mut out = Vec::new();
        table.write(&mut out).expect("memory");
        let text = String::from_utf8(out).expect("text");
        assert_eq!(
            text,
            "  area       pass\n  callback      7\n  ls        12345\n"
        );
    }
}
