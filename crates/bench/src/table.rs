//! The tables in Markdown: figures with floors and limits, and two programs beside each other.

use std::collections::BTreeMap;

use crate::limits::Limits;
use crate::measure::{Measure, Unit, median};

/// One figure over all rounds, one list of values for each program.
struct Line<'a> {
    last: &'a Measure,
    values: Vec<Vec<f64>>,
}

/// Gathers equal figures of several rounds, in the order of rows and of first appearance.
fn lines<'a>(rounds: &'a [(usize, Vec<Measure>)], programs: usize) -> Vec<Line<'a>> {
    let mut lines: Vec<Line<'a>> = Vec::new();
    for (program, measures) in rounds {
        for measure in measures {
            let known = lines.iter().position(|line| (line.last.row, &line.last.what) == (measure.row, &measure.what));
            let index = known.unwrap_or_else(|| {
                lines.push(Line { last: measure, values: vec![Vec::new(); programs] });
                lines.len() - 1
            });
            lines[index].last = measure;
            lines[index].values[*program].push(measure.value);
        }
    }
    lines.sort_by_key(|line| line.last.row);
    lines
}

/// The figures of one program: median, floor, whether it is met, the machine's limit and the ratio to it.
pub(crate) fn figures(rounds: &[(usize, Vec<Measure>)]) -> String {
    let mut text = row(&["#", "what", "figure", "floor", "met", "the machine's limit", "ratio", "notes"]);
    text.push_str("|--:|---|--:|--:|---|--:|--:|---|\n");
    for line in lines(rounds, 1) {
        let Measure { row: number, what, unit, floor, limit, note, .. } = line.last;
        let value = median(&line.values[0]);
        let (bound, share) = limit.as_ref().map_or_else(Default::default, |limit| {
            (format!("{} ({})", unit.show(limit.value), limit.of), ratio(value, limit.value))
        });
        text.push_str(&row(&[
            &number.to_string(),
            what,
            &unit.show(value),
            &floor.map_or_else(String::new, |floor| floor.show(*unit)),
            floor.map_or("", |floor| if floor.is_met(value) { "yes" } else { "**no**" }),
            &bound,
            &share,
            &notes(&line, note),
        ]));
    }
    text
}

/// With two decimals while they matter.
fn ratio(value: f64, limit: f64) -> String {
    match value / limit {
        large if large >= 100.0 => format!("{large:.0}"),
        small => format!("{small:.2}"),
    }
}

fn notes(line: &Line<'_>, note: &str) -> String {
    if line.values[0].len() < 2 {
        return note.to_owned();
    }
    let each: Vec<String> = line.values[0].iter().map(|value| line.last.unit.show(*value)).collect();
    let sep = if note.is_empty() { "" } else { "; " };
    format!("each round: {}{sep}{note}", each.join(", "))
}

/// Two programs, A and B: medians, each value, and B's median over A's.
pub(crate) fn comparison(rounds: &[(usize, Vec<Measure>)]) -> String {
    let mut text = row(&["#", "what", "A", "B", "B ÷ A", "each A", "each B"]);
    text.push_str("|--:|---|--:|--:|--:|--:|--:|\n");
    for line in lines(rounds, 2) {
        let unit = line.last.unit;
        let (a, b) = (median(&line.values[0]), median(&line.values[1]));
        let each = |values: &[f64]| values.iter().map(|value| unit.show(*value)).collect::<Vec<_>>().join(", ");
        let show = |values: &[f64], value: f64| if values.is_empty() { "–".to_owned() } else { unit.show(value) };
        text.push_str(&row(&[
            &line.last.row.to_string(),
            &line.last.what,
            &show(&line.values[0], a),
            &show(&line.values[1], b),
            &if a > 0.0 && !line.values[1].is_empty() { format!("{:.2}", b / a) } else { "–".to_owned() },
            &each(&line.values[0]),
            &each(&line.values[1]),
        ]));
    }
    text
}

/// What the machine can do.
pub(crate) fn limits(limits: &Limits) -> String {
    let mut lines: Vec<(String, String)> = vec![
        (
            "writes of 4 KiB that each reach the disk (`fdatasync`), at the end of a file".to_owned(),
            Unit::PerSecond.show(limits.appends_per_second),
        ),
        ("the same over what the file holds already".to_owned(), Unit::PerSecond.show(limits.overwrites_per_second)),
    ];
    for (name, storage) in [("SQLite", Some(&limits.sqlite)), ("PostgreSQL", limits.postgres.as_ref())] {
        let Some(storage) = storage else { continue };
        let (p50, p99) = (Unit::Milliseconds.show(storage.commit.p50), Unit::Milliseconds.show(storage.commit.p99));
        lines.push((
            format!("{name}: commits of one 1 KB row, one connection"),
            format!("{} (p50 {p50}, p99 {p99})", Unit::PerSecond.show(storage.commits_per_second)),
        ));
        if let Some(shared) = storage.shared_commits_per_second {
            lines.push((format!("{name}: the same, 64 connections"), Unit::PerSecond.show(shared)));
        }
        let batched = Unit::PerSecond.show(storage.batched_rows_per_second);
        lines.push((format!("{name}: 1 KB rows in batches of 500"), batched));
    }
    let loopback = &limits.loopback;
    let ms = |value: f64| Unit::Milliseconds.show(value);
    lines.push((
        "bare loopback requests of 1 KB, 64 callers, a server that only reads and answers".to_owned(),
        Unit::PerSecond.show(loopback.requests_per_second),
    ));
    lines.push((
        "the same to the sink".to_owned(),
        format!(
            "{}; CPU for 10,000, both ends: {}",
            Unit::PerSecond.show(loopback.sink_requests_per_second),
            Unit::Seconds.show(loopback.cpu_per_10_000)
        ),
    ));
    lines.push((
        "generator to sink at 200/s, nothing between".to_owned(),
        format!("p50 {}, p99 {}", ms(loopback.p50), ms(loopback.p99)),
    ));
    lines.push(("a bare GET".to_owned(), format!("p50 {}, p99 {}", ms(loopback.get_p50), ms(loopback.get_p99))));
    let mut text = row(&["the machine's own limits, in the same run", ""]);
    text.push_str("|---|--:|\n");
    for (what, figure) in lines {
        text.push_str(&row(&[&what, &figure]));
    }
    text
}

/// Names and values, such as versions.
pub(crate) fn facts(facts: &BTreeMap<&str, String>) -> String {
    let mut text = row(&["run", ""]);
    text.push_str("|---|---|\n");
    for (name, value) in facts {
        text.push_str(&row(&[name, value]));
    }
    text
}

/// One line of a table; what would end a cell is escaped.
fn row(cells: &[&str]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|").replace('\n', " ")).collect();
    format!("| {} |\n", cells.join(" | "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::Floor;

    fn accepted(value: f64) -> Measure {
        Measure::new(1, "accepted", value, Unit::PerSecond)
            .floor(Floor::AtLeast(8_000.0))
            .limit(20_000.0, "rows")
            .note("a|b")
    }

    #[test]
    fn a_figure_stands_beside_its_floor_and_limit() {
        let text = figures(&[(0, vec![accepted(10_000.0)])]);
        let line = text.lines().last().unwrap();
        assert_eq!(line, "| 1 | accepted | 10,000/s | ≥ 8,000/s | yes | 20,000/s (rows) | 0.50 | a\\|b |");
    }

    #[test]
    fn several_rounds_show_their_median_and_each_value() {
        let rounds = [9_000.0, 1_000.0, 7_000.0].map(|value| (0, vec![accepted(value)]));
        let text = figures(&rounds);
        assert_eq!(text.lines().count(), 3);
        let line = text.lines().last().unwrap();
        assert!(line.contains("| 7,000/s |") && line.contains("**no**"), "{line}");
        assert!(line.contains("each round: 9,000/s, 1,000/s, 7,000/s; a"), "{line}");
    }

    #[test]
    fn rows_are_in_order_whoever_measured_them() {
        let measure = |row, what: &str| Measure::new(row, what, 1.0, Unit::Count);
        let rounds = [(0, vec![measure(2, "b"), measure(5, "e")]), (0, vec![measure(3, "c"), measure(5, "f")])];
        let text = figures(&rounds);
        let names: Vec<&str> = text.lines().skip(2).filter_map(|line| line.split(" | ").nth(1)).collect();
        assert_eq!(names, ["b", "c", "e", "f"]);
    }

    #[test]
    fn two_programs_are_compared_by_their_medians() {
        let rounds: Vec<(usize, Vec<Measure>)> =
            [(0, 100.0), (1, 150.0), (0, 200.0), (1, 450.0)].map(|(who, value)| (who, vec![accepted(value)])).into();
        let line = comparison(&rounds).lines().last().unwrap().to_owned();
        assert_eq!(line, "| 1 | accepted | 150/s | 300/s | 2.00 | 100/s, 200/s | 150/s, 450/s |");
    }

    #[test]
    fn a_program_without_a_figure_shows_a_dash() {
        let line = comparison(&[(0, vec![accepted(100.0)])]).lines().last().unwrap().to_owned();
        assert_eq!(line, "| 1 | accepted | 100/s | – | – | 100/s |  |");
    }
}
